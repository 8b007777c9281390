"""One decision: what it needs, what it writes, what it refuses."""

import dataclasses
import datetime
import json
import uuid

import pytest
from django.db import transaction

from tests.library import lifecycle
from tests.library.factories import NOW, UNTIL, Town, attempt, fire, person, unit
from tests.library.lifecycle import PROCESS, Role, State
from tests.library.models import Loan
from workflow import cases, engine, situations
from workflow.cases import OutsideEngine
from workflow.models import AppendOnly, Case, Event, Journey, Message, Signature, Task
from workflow.process import UnknownMove
from workflow.refusals import Ground
from workflow.trail import verify

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    return Town()


def again(loan):
    return Loan.objects.select_related("case").get(pk=loan.pk)


def grounds(caught):
    return {refusal.ground for refusal in caught.value.refusals}


def open_steps(loan):
    return set(
        Task.objects.open().filter(case=loan.case).values_list("step", flat=True)
    )


def test_a_move_changes_state_trail_and_tasks_together(town):
    loan = town.loan_at("asked")

    receipt = fire(loan, lifecycle.LEND, by=town.librarian, **UNTIL)

    loan = again(loan)
    assert loan.case.state == State.LENT
    assert loan.due_on == datetime.date(2026, 3, 20)
    assert loan.case.stage == "home"
    event = Event.objects.get(case=loan.case, seq=receipt.seq)
    assert (event.move, event.actor, event.role) == (
        "lend",
        town.librarian,
        "librarian",
    )
    assert json.loads(event.body)["facts"]["changes"] == {
        "due_on": [None, "2026-03-20"]
    }
    done = Task.objects.get(case=loan.case, step="desk")
    assert (done.status, done.completed_by, done.completed_move) == (
        "DONE",
        town.librarian,
        "lend",
    )
    assert open_steps(loan) == {"home"}
    assert verify.problems_of(loan.case) == []


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("role", Role)
def test_who_may_do_what_in_each_state_is_what_is_declared(town, state, role):
    loan = town.loan_at(state)
    someone = person("someone", role)

    offered = {
        prospect.move.name
        for prospect in engine.prospects(PROCESS, loan.pk, by=someone, at=NOW)
        if prospect.is_open
    }

    held = role not in {Role.ADVISER, Role.INSPECTOR}
    assert offered == {
        move.name
        for move in PROCESS.moves
        if held
        and state in move.source
        and role in move.by.may_sign_next(frozenset())
        and not move.strikes  # nothing has been signed yet
        and move is not lifecycle.EXHIBIT  # nobody has said anything favourable
    }


@pytest.mark.parametrize("reason", ["a\0b", "\ud800", "a" * 10_001])
def test_a_reason_that_cannot_be_written_down_is_refused(town, reason):
    loan = town.loan_at("asked")

    with pytest.raises(engine.MoveRefused) as caught:
        fire(loan, lifecycle.REFUSE, by=town.librarian, reason=reason)

    assert [refusal.field for refusal in caught.value.refusals] == ["reason"]


def test_every_reason_is_said_at_once(town):
    loan = town.loan(book="", days=9)

    with pytest.raises(engine.MoveRefused) as caught:
        fire(loan, lifecycle.ASK, by=town.reader)

    assert [refusal.message for refusal in caught.value.refusals] == [
        "Le titre du livre manque.",
        "9 jours demandés, trois au plus.",
    ]


def test_the_wrong_state_and_the_wrong_role_are_both_named(town):
    loan = town.loan()

    with pytest.raises(engine.MoveRefused) as caught:
        fire(loan, lifecycle.LEND, by=town.reader, **UNTIL)

    assert grounds(caught) == {Ground.STATE, Ground.ROLE}
    assert "« Souhaité »" in str(caught.value)
    assert "bibliothécaire (Unit-librarian)" in str(caught.value)


@pytest.mark.parametrize(
    ("inputs", "field"),
    [
        ({}, "until"),
        ({"until": "31/02/2026"}, "until"),
        ({"until": "2026-03-20", "note": "a" * 10_001}, "note"),
        ({"until": "2026-03-20", "note": "\0"}, "note"),
    ],
)
def test_what_is_missing_or_absurd_is_named_by_its_field(town, inputs, field):
    loan = town.loan_at("asked")

    with pytest.raises(engine.MoveRefused) as caught:
        fire(loan, lifecycle.LEND, by=town.librarian, inputs=inputs)

    assert [refusal.field for refusal in caught.value.refusals] == [field]
    assert again(loan).case.state == State.ASKED


def test_a_reason_is_demanded_where_the_move_says_so(town):
    loan = town.loan_at("asked")

    with pytest.raises(engine.MoveRefused) as caught:
        fire(loan, lifecycle.REFUSE, by=town.librarian, reason="  ")

    assert [refusal.field for refusal in caught.value.refusals] == ["reason"]


def test_nobody_answers_her_own_request(town):
    person("rose", Role.LIBRARIAN)
    loan = town.loan_at("asked")

    with pytest.raises(engine.MoveRefused) as caught:
        fire(loan, lifecycle.LEND, by=town.reader, **UNTIL)

    assert grounds(caught) == {Ground.FOUR_EYES}
    assert "« Demander »" in str(caught.value)


@pytest.mark.parametrize(
    "period",
    [
        {"starts_on": datetime.date(2026, 3, 3)},
        {"ends_on": datetime.date(2026, 3, 1)},
        {"within": "bethune"},
    ],
)
def test_a_role_is_held_for_a_period_and_a_territory(town, period):
    from tests.library.factories import town as place

    if "within" in period:
        period = {"within": place(period["within"])}
    stranger = person("sam", Role.LIBRARIAN, **period)
    loan = town.loan_at("asked")

    with pytest.raises(engine.MoveRefused) as caught:
        fire(loan, lifecycle.LEND, by=stranger, **UNTIL)

    assert grounds(caught) == {Ground.ROLE}


def test_the_same_request_sent_twice_gets_the_same_receipt(town):
    loan = town.loan_at("asked")
    key = uuid.uuid4()
    said = {"by": town.librarian, "key": key, "seen": loan.case.version, **UNTIL}

    first = fire(loan, lifecycle.LEND, **said)
    second = fire(loan, lifecycle.LEND, **said)

    assert second == first
    assert Event.objects.filter(case=loan.case, move="lend").count() == 1


def test_a_key_serves_once(town):
    loan = town.loan_at("asked")
    key = uuid.uuid4()
    fire(loan, lifecycle.LEND, by=town.librarian, key=key, seen=2, **UNTIL)

    with pytest.raises(engine.KeyReused):
        fire(loan, lifecycle.RENEW, by=town.librarian, key=key, seen=2)


def test_a_stale_form_is_told_who_changed_what(town):
    loan = town.loan_at("asked")
    seen = loan.case.version
    fire(loan, lifecycle.LEND, by=town.librarian, **UNTIL)

    with pytest.raises(engine.StaleCase) as caught:
        fire(loan, lifecycle.REFUSE, by=town.librarian, seen=seen, reason="Trop tard.")

    assert [(e.move, e.actor) for e in caught.value.changes] == [
        ("lend", town.librarian)
    ]


def test_a_move_in_two_hands_waits_for_the_second(town):
    loan = town.loan_at("lent")

    fire(loan, lifecycle.RETURN, by=town.reader)

    assert again(loan).case.state == State.LENT
    assert open_steps(loan) == {"receive"}
    fire(loan, lifecycle.RETURN, by=town.librarian)
    assert again(loan).case.state == State.RETURNED
    assert open_steps(loan) == set()
    assert not again(loan).case.awaits_signatures
    assert Signature.objects.filter(case=loan.case, took_effect_by=None).count() == 0
    assert Journey.objects.get(case=loan.case).finished == NOW


def test_signing_out_of_turn_is_refused(town):
    loan = town.loan_at("lent")

    with pytest.raises(engine.MoveRefused) as caught:
        fire(loan, lifecycle.RETURN, by=town.librarian)

    assert grounds(caught) == {Ground.SIGNATURE}
    assert "lecteur" in str(caught.value)


def test_one_person_does_not_sign_for_two(town):
    person("denis", Role.MAYOR)
    loan = town.loan_at("asked")
    fire(loan, lifecycle.GIVE, by=town.director, confirmed_at=NOW)

    with pytest.raises(engine.MoveRefused) as caught:
        fire(loan, lifecycle.GIVE, by=town.director, confirmed_at=NOW)

    assert grounds(caught) == {Ground.SIGNATURE}


def test_a_contested_signature_is_struck_out_and_asked_again(town):
    loan = town.loan_at("lent")
    fire(loan, lifecycle.RETURN, by=town.reader)

    fire(loan, lifecycle.CONTEST_RETURN, by=town.librarian, reason="Pages arrachées.")

    assert open_steps(loan) == {"home"}
    signature = Signature.objects.get(case=loan.case)
    assert signature.struck_by.move == "contest_return"
    fire(loan, lifecycle.RETURN, by=town.reader)
    assert open_steps(loan) == {"receive"}


def test_leaving_a_state_strikes_out_the_signatures_collected_there(town):
    loan = town.loan_at("asked")
    fire(loan, lifecycle.GIVE, by=town.director, confirmed_at=NOW)

    fire(loan, lifecycle.LEND, by=town.librarian, **UNTIL)

    assert Signature.objects.get(case=loan.case).struck_by.move == "lend"
    assert not again(loan).case.awaits_signatures


@pytest.mark.parametrize("confirmed_at", [None, NOW - datetime.timedelta(minutes=11)])
def test_a_grave_move_asks_for_a_fresh_proof_of_identity(town, confirmed_at):
    loan = town.loan_at("asked")

    with pytest.raises(engine.MoveRefused) as caught:
        fire(loan, lifecycle.GIVE, by=town.mayor, confirmed_at=confirmed_at)

    assert grounds(caught) == {Ground.IDENTITY}


def test_a_pause_holds_the_tasks_and_their_clocks(town):
    loan = town.loan_at("asked")
    task = Task.objects.get(case=loan.case, step="desk")
    due = task.due_at

    fire(loan, lifecycle.FREEZE, by=town.librarian, reason="Inventaire.")
    assert open_steps(loan) == {"thaw"}
    later = NOW + datetime.timedelta(days=10)
    fire(loan, lifecycle.THAW, by=town.librarian, at=later)

    task.refresh_from_db()
    assert open_steps(loan) == {"desk"}
    assert task.due_at == due + datetime.timedelta(days=10)
    assert task.original_due_at == due
    assert again(loan).case.state == State.ASKED


def test_a_move_that_stays_leaves_the_task_open(town):
    loan = town.loan_at("lent")

    fire(loan, lifecycle.RENEW, by=town.librarian)

    assert Task.objects.open().get(case=loan.case).step == "home"


def test_reopening_a_final_case_restarts_its_journey(town):
    loan = town.loan_at("refused")
    assert Journey.objects.get(case=loan.case).status == "DONE"

    fire(loan, lifecycle.REOPEN, by=town.director, reason="Recours accueilli.")

    journey = Journey.objects.get(case=loan.case)
    assert (journey.status, journey.finished) == ("NEW", None)
    assert open_steps(loan) == {"desk"}


@pytest.mark.parametrize("state", State)
def test_tasks_are_open_exactly_when_the_case_is_not_final(town, state):
    loan = town.loan_at(state)

    assert bool(open_steps(loan)) == (state not in PROCESS.final)
    assert verify.problems_of(again(loan).case) == []


def test_a_state_is_assigned_by_nobody(town):
    loan = town.loan()

    with pytest.raises(AttributeError):
        loan.case.state = State.LENT


def test_a_move_is_called_by_nobody(town):
    loan = town.loan_at("asked")

    with pytest.raises(OutsideEngine):
        loan.lend(attempt(loan, lifecycle.LEND, by=town.librarian, **UNTIL))


def test_an_event_is_neither_changed_nor_deleted(town):
    event = Event.objects.filter(case=town.loan().case).get()

    with pytest.raises(AppendOnly):
        event.save()
    with pytest.raises(AppendOnly):
        event.delete()


def test_an_unknown_case_and_a_case_of_another_procedure_do_not_exist(town):
    elsewhere = town.loan()
    Case.objects.filter(pk=elsewhere.pk).update(process="gift")

    for case_id in (10**9, elsewhere.pk):
        with pytest.raises(Loan.DoesNotExist), transaction.atomic():
            situations.locked(PROCESS, case_id)
        with pytest.raises(Loan.DoesNotExist):
            engine.prospects(PROCESS, case_id, by=town.reader, at=NOW)


def test_what_the_procedure_does_not_declare_is_not_done(town):
    loan = town.loan()
    move = dataclasses.replace(lifecycle.ASK, by=lifecycle.LEND.by)
    edit = dataclasses.replace(lifecycle.RENAME, by=frozenset({Role.LIBRARIAN}))
    amendment = engine.Amendment(edit, town.librarian, NOW, None, uuid.uuid4())

    with pytest.raises(UnknownMove):
        fire(loan, move, by=town.librarian)
    with pytest.raises(UnknownMove):
        engine.amend(PROCESS, loan.pk, amendment, lambda subject: engine.Noted())


def test_facts_are_amended_through_the_same_door(town):
    from django.db import transaction

    loan = town.loan()

    def rename(subject):
        subject.book = "La Débâcle"
        subject.case.title = "La Débâcle"
        return engine.Noted(facts={"pages": "600"})

    amendment = engine.Amendment(
        edit=lifecycle.RENAME, by=town.reader, at=NOW, seen=1, key=uuid.uuid4()
    )
    with transaction.atomic():
        first = engine.amend(PROCESS, loan.pk, amendment, rename)
        again_ = engine.amend(PROCESS, loan.pk, amendment, rename)

    assert first == again_
    assert again(loan).book == "La Débâcle"
    assert Task.objects.get(case=loan.case).subject == "La Débâcle"
    text = json.loads(Event.objects.get(case=loan.case, seq=2).text.text)
    assert (text["book.before"], text["book.after"]) == ("Germinal", "La Débâcle")


def test_facts_are_not_amended_by_anyone_nor_at_any_time(town):
    from django.db import transaction

    loan = town.loan_at("lent")
    amendment = engine.Amendment(
        edit=lifecycle.RENAME, by=town.librarian, at=NOW, seen=3, key=uuid.uuid4()
    )

    with pytest.raises(engine.MoveRefused) as caught, transaction.atomic():
        engine.amend(PROCESS, loan.pk, amendment, lambda loan: engine.Noted())

    assert grounds(caught) == {Ground.STATE, Ground.ROLE}


def test_a_decision_costs_at_most_eleven_queries_and_a_message(
    town, django_assert_max_num_queries
):
    loan = town.loan_at("asked")
    made = attempt(loan, lifecycle.LEND, by=town.librarian, **UNTIL)

    with django_assert_max_num_queries(11):
        engine.fire(PROCESS, loan.pk, made)


def test_parties_and_unit_of_an_event_survive(town):
    from django.db.models import ProtectedError

    loan = town.loan_at("lent")

    for row in (town.librarian, unit("unit-librarian"), loan.case):
        with pytest.raises(ProtectedError):
            row.delete()


def test_a_move_tells_its_listeners_and_a_lone_signature_does_not(town):
    loan = town.loan_at("asked")

    fire(loan, lifecycle.GIVE, by=town.director, confirmed_at=NOW)

    assert not Message.objects.filter(event__move="give").exists()


def test_a_key_serves_for_one_case(town):
    key = uuid.uuid4()
    fire(town.loan_at("asked"), lifecycle.LEND, by=town.librarian, key=key, **UNTIL)
    other = town.loan_at("asked")

    with pytest.raises(engine.KeyReused):
        fire(other, lifecycle.LEND, by=town.librarian, key=key, **UNTIL)

    assert again(other).case.state == State.ASKED


def test_signatures_are_struck_by_a_move_that_may_also_stay(town, monkeypatch):
    loan = town.loan_at("asked")
    fire(loan, lifecycle.GIVE, by=town.director, confirmed_at=NOW)
    from_both = frozenset({State.ASKED, State.WISHED})
    back = dataclasses.replace(lifecycle.SEND_BACK, source=from_both)
    moves = tuple(back if m is lifecycle.SEND_BACK else m for m in PROCESS.moves)
    process = dataclasses.replace(PROCESS, moves=moves)
    key = PROCESS.name, PROCESS.version
    changed = dataclasses.replace(cases._bindings[key], process=process)
    monkeypatch.setitem(cases._bindings, key, changed)

    engine.fire(
        process, loan.pk, attempt(loan, back, by=town.librarian, reason="Sans titre.")
    )

    assert Signature.objects.get(case=loan.case).struck_by.move == "send_back"


def test_a_person_of_two_consulted_units_answers_for_each(town):
    both = [unit("unit-north"), unit("unit-south")]
    expert = person("edith", Role.ADVISER, place=both[0])
    person("edith", Role.ADVISER, place=both[1])
    loan = town.loan(advisers=both)
    fire(loan, lifecycle.ASK, by=town.reader)

    fire(loan, lifecycle.ADVISE, by=expert)
    fire(loan, lifecycle.ADVISE, by=expert)

    given = Event.objects.filter(case=loan.case, move="advise").order_by("seq")
    assert [event.unit for event in given] == both
