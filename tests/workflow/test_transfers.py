"""Cases pass from a version to another, one by one, and may come back."""

import datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from tests.library import lifecycle
from tests.library.factories import NOW, Town, attempt, fire
from tests.library.models import Loan
from tests.library.v2 import lifecycle as second
from workflow import claims, engine, incidents, replay, transfers
from workflow.models import Case, Event, Passage, Signature, Task
from workflow.trail import verify

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
TODAY = NOW + DAY


@pytest.fixture
def town(db):
    return Town()


def asked(**changes):
    said = {
        "process": "loan",
        "before": 1,
        "after": 2,
        "reason": "Nouveau règlement.",
        "states": {"lent": "on_loan"},
        "steps": {"home": "reading"},
    }
    return transfers.Request(**said | changes)


def prepared(town, **changes):
    request = asked(**changes)
    return transfers.prepare(request, Case.objects.all(), by=town.director, at=NOW)


def clock():
    return TODAY


def run(town, transfer, limit=100):
    return transfers.run(transfer, limit=limit, by=town.director, clock=clock)


def back(town, transfer, limit=100):
    return transfers.bring_back(transfer, limit=limit, by=town.director, clock=clock)


def again(loan):
    return Loan.objects.select_related("case").get(pk=loan.pk)


def tasks(loan):
    found = Task.objects.unfinished().filter(case=loan.case).order_by("step")
    return [
        (t.step, t.label, t.unit_id, t.owner_id, t.due_at, bool(t.held_at))
        for t in found
    ]


def sound():
    return list(incidents.contradictions(at=NOW))


def test_a_case_passes_with_its_state_its_tasks_and_its_trail(town):
    loan = town.loan_at("lent")
    (task,) = Task.objects.open().filter(case=loan.case)
    claims.claim(task_id=task.pk, by=town.reader, at=NOW)
    transfer = prepared(town)

    assert run(town, transfer) == transfers.Report(done=1, refused=0, left=0)

    case = again(loan).case
    assert (case.state, case.process_version, case.stage) == ("on_loan", 2, "home")
    (kept,) = Task.objects.open().filter(case=case)
    assert (kept.pk, kept.step, kept.owner) == (task.pk, "reading", town.reader)
    event = Event.objects.get(case=case, kind="migrated")
    for digest in (lifecycle.PROCESS.digest, second.PROCESS.digest):
        assert digest in event.body
    assert event.actor == town.director
    assert verify.problems_of(case) == []
    assert sound() == []


def test_a_case_that_passed_follows_the_new_rules(town):
    loan = town.loan_at("lent")
    run(town, prepared(town))

    with transaction.atomic():
        said = attempt(loan, second.LOSE, by=town.librarian, reason="Perdu.")
        engine.fire(second.PROCESS, loan.pk, said)

    assert again(loan).case.state == "lost"
    assert sound() == []


def test_what_one_was_looking_at_is_stale_once_the_case_has_passed(town):
    loan = town.loan_at("lent")
    late = attempt(loan, lifecycle.RENEW, by=town.librarian)
    run(town, prepared(town))

    with pytest.raises(engine.StaleCase) as caught:
        engine.fire(lifecycle.PROCESS, loan.pk, late)

    assert [event.kind for event in caught.value.changes] == ["migrated"]


def test_trying_leaves_no_trace_and_says_who_is_refused(town):
    lent, asked_for = town.loan_at("lent"), town.loan_at("asked")
    transfer = prepared(town, states={"asked": "wished"}, steps={})
    before = [list(model.objects.values()) for model in (Case, Task, Event)]

    report = transfers.attempt(transfer, by=town.director, at=NOW)

    assert report == transfers.Report(done=0, refused=1, left=1)
    assert [list(model.objects.values()) for model in (Case, Task, Event)] == before
    assert Passage.objects.get(case=lent.case).refusal == (
        "L’état « Prêté » n’a pas d’équivalent."
    )
    assert Passage.objects.get(case=asked_for.case).refusal == ""


@pytest.mark.parametrize(
    ("states", "words"),
    [
        ({"lent": "returned"}, "ne sont pas tous finals"),
        ({}, "n’a pas d’équivalent"),
    ],
)
def test_a_case_is_refused_with_its_reason(town, states, words):
    loan = town.loan_at("lent")
    transfer = prepared(town, states=states)

    assert run(town, transfer) == transfers.Report(done=0, refused=1, left=1)

    assert words in transfer.passages.get().refusal
    assert again(loan).case.process_version == 1


def test_a_pause_goes_on_under_the_new_version(town):
    loan = town.loan_at("frozen")
    run(town, prepared(town))

    case = again(loan).case
    assert (case.state, case.returns_to) == ("frozen", "on_loan")
    assert [(step, held) for step, *_, held in tasks(loan)] == [
        ("reading", True),
        ("thaw", False),
    ]
    with transaction.atomic():
        thaw = attempt(loan, second.MOVES["thaw"], by=town.librarian)
        engine.fire(second.PROCESS, loan.pk, thaw)
    assert again(loan).case.state == "on_loan"
    assert sound() == []


def test_a_pause_that_would_end_nowhere_is_refused(town):
    town.loan_at("frozen")

    transfer = prepared(town, states={})
    run(town, transfer)

    assert "où il reprendrait" in transfer.passages.get().refusal


@pytest.mark.parametrize("keeps", [True, False])
def test_signatures_are_kept_or_struck_as_declared(town, keeps):
    loan = town.loan_at("lent")
    fire(loan, lifecycle.RETURN, by=town.reader)
    run(town, prepared(town, keeps_signatures=keeps))

    signature, case = Signature.objects.get(), again(loan).case
    assert case.awaits_signatures is keeps
    assert (signature.struck_by is None) is keeps
    assert [step for step, *_ in tasks(loan)] == ["receive" if keeps else "reading"]
    assert sound() == []


def test_a_run_cut_short_is_taken_up_where_it_stopped(town):
    town.loans(5)
    transfer = prepared(town)

    assert run(town, transfer, limit=2) == transfers.Report(2, 0, 3)
    assert Case.objects.filter(process_version=2).count() == 2
    assert run(town, transfer) == transfers.Report(3, 0, 0)
    assert run(town, transfer) == transfers.Report(0, 0, 0)
    assert Event.objects.filter(kind="migrated").count() == 5


def test_one_that_breaks_leaves_the_others(town, monkeypatch):
    first, *_ = town.loans(3)
    transfer = prepared(town)
    append = transfers.chain.append

    def breaks(case, entry):
        if case.pk == first.pk:
            raise RuntimeError("panne")
        return append(case, entry)

    monkeypatch.setattr(transfers.chain, "append", breaks)
    with pytest.raises(RuntimeError):
        run(town, transfer)
    monkeypatch.undo()

    assert run(town, transfer) == transfers.Report(3, 0, 0)


@pytest.mark.parametrize("state", ["wished", "asked", "lent", "frozen", "refused"])
def test_a_case_comes_back_as_it_was(town, state):
    loan = town.loan_at(state)
    before, asked_before = again(loan).case, tasks(loan)
    transfer = prepared(town)
    run(town, transfer)

    assert back(town, transfer) == transfers.Report(1, 0, 0)

    case = again(loan).case
    for column in ("state", "returns_to", "stage", "process_version"):
        assert getattr(case, column) == getattr(before, column)
    assert tasks(loan) == asked_before
    assert verify.problems_of(case) == []
    assert sound() == []


def test_a_task_left_out_is_asked_again_on_the_way_back_with_its_dates(town):
    loan = town.loan_at("asked")
    (task,) = Task.objects.open().filter(case=loan.case)
    claims.claim(task_id=task.pk, by=town.librarian, at=NOW)
    before = tasks(loan)
    transfer = prepared(town)
    transfer.steps.pop("desk")
    transfer.save()
    run(town, transfer)
    assert tasks(loan) != before

    back(town, transfer)

    assert tasks(loan) == before


def test_a_case_that_lived_since_stays_where_it_is(town):
    loan = town.loan_at("lent")
    transfer = prepared(town)
    run(town, transfer)
    with transaction.atomic():
        renew = attempt(loan, second.MOVES["renew"], by=town.librarian)
        engine.fire(second.PROCESS, loan.pk, renew)

    assert back(town, transfer) == transfers.Report(0, 1, 1)

    assert transfer.passages.get().refusal == (
        "Le dossier a changé depuis son passage."
    )
    assert again(loan).case.process_version == 2


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"after": 1}, "Les deux versions sont la même."),
        ({"reason": " "}, "Motif : à renseigner."),
        ({"states": {"gone": "on_loan"}}, "La version 1 ne connaît pas l’état gone."),
        ({"states": {"lent": "gone"}}, "La version 2 ne connaît pas l’état gone."),
        ({"steps": {"home": "gone"}}, "La version 2 ne connaît pas le nœud gone."),
        ({"before": 2, "after": 1, "states": {}, "steps": {}}, "Aucun dossier"),
    ],
)
def test_a_transfer_that_makes_no_sense_is_refused(town, changes, words):
    town.loan()

    with pytest.raises(transfers.TransferRefused, match=words):
        prepared(town, **changes)


def test_a_case_is_replayed_before_and_after_its_passage(town):
    loan = town.loan_at("lent")
    run(town, prepared(town))
    case = again(loan).case

    before, after = replay.as_of(case, NOW), replay.as_of(case, TODAY)

    assert (before.process.version, before.state) == (1, "lent")
    assert [one.label for one in before.open] == ["Rendre le livre"]
    assert [one.step for one in before.open] == ["home"]
    assert (after.process.version, after.state) == (2, "on_loan")
    assert [one.step for one in after.open] == ["reading"]


def test_the_command_prepares_runs_and_undoes(town, capsys):
    loan = town.loan_at("lent")
    by = f"--by={town.director.email}"
    words = ["prepare", "loan", "1", "2", "--reason=Règlement"]
    call_command(
        "transfer_cases", by, *words, '--states={"lent": "on_loan"}', "--steps={}"
    )
    number = transfers.Transfer.objects.get().pk
    assert again(loan).case.process_version == 1

    call_command("transfer_cases", by, "run", str(number))
    assert again(loan).case.process_version == 2
    call_command("transfer_cases", by, "undo", str(number))
    assert again(loan).case.process_version == 1

    said = capsys.readouterr().out
    assert "Faits : 0 ; refusés : 0 ; restants : 1." in said
    assert said.count("Faits : 1 ; refusés : 0 ; restants : 0.") == 2


def test_the_command_wants_somebody_and_a_transfer(town):
    with pytest.raises(CommandError, match="Aucun compte"):
        call_command("transfer_cases", "--by=x@example.org", "run", "1")
    with pytest.raises(CommandError, match="pas de migration"):
        call_command("transfer_cases", f"--by={town.director.email}", "run", "1")
