"""Each rung of a ladder rings once, in its order, whatever beat and workers do."""

import datetime
import functools
import json

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from tests.library import lifecycle
from tests.library.factories import NOW, Town, fire
from tests.library.lifecycle import PROCESS
from tests.workflow.databases import race
from workflow import escalations, incidents, outbox
from workflow.deadlines import LOCAL
from workflow.models import Case, Event, Message, Task
from workflow.trail import chain, verify

DAY = datetime.timedelta(days=1)


def local(text):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=LOCAL)


# A loan asked on Monday 2 March is to be answered by Thursday 5 March.
REMIND, HEAD, DIRECTOR = map(
    local, ("2026-03-04T08:00", "2026-03-05T08:00", "2026-03-07T08:00")
)


def rungs(case=None):
    events = Event.objects.filter(kind=outbox.ESCALATED).order_by("pk")
    if case is not None:
        events = events.filter(case=case)
    return [json.loads(event.body)["facts"] for event in events]


def told(case=None):
    return [facts["tells"] for facts in rungs(case)]


def desk(loan):
    return Task.objects.get(case=loan.case, step="desk")


def test_nothing_rings_before_its_moment(town):
    town.loan_at("asked")

    assert escalations.sweep(at=REMIND - datetime.timedelta(seconds=1)) == 0
    assert rungs() == []


def test_each_rung_rings_at_its_moment_and_once(town):
    loan = town.loan_at("asked")

    for at, expected in (
        (REMIND, ["ASKED"]),
        (REMIND + DAY / 24, ["ASKED"]),
        (HEAD, ["ASKED", "HEAD"]),
        (DIRECTOR, ["ASKED", "HEAD", "director"]),
        (DIRECTOR + 90 * DAY, ["ASKED", "HEAD", "director"]),
    ):
        escalations.sweep(at=at)
        assert told() == expected
    task = desk(loan)
    assert (task.rung, task.next_ring_at, task.rang_at) == (3, None, DIRECTOR)


def test_after_a_day_without_beat_what_was_missed_rings_in_order(town):
    loan = town.loan_at("asked")

    assert escalations.sweep(at=HEAD + DAY) == 2

    assert told() == ["ASKED", "HEAD"]
    assert escalations.sweep(at=HEAD + DAY) == 0
    assert verify.problems_of(loan.case) == []


def test_the_trail_says_what_rang_and_that_nobody_did_it(town):
    loan = town.loan_at("asked")
    version = Case.objects.get(pk=loan.pk).version

    escalations.sweep(at=REMIND)

    event = Event.objects.get(kind=outbox.ESCALATED)
    assert (event.actor, event.unit.code, event.at) == (None, "unit-librarian", REMIND)
    assert json.loads(event.text.text)["actor"] == chain.CLOCK
    facts = rungs()[0]
    assert (facts["task"], facts["rung"]) == ("desk", "J−1")
    # Nobody's form becomes stale by it.
    assert Case.objects.get(pk=loan.pk).version == version
    assert verify.problems_of(loan.case) == []


def test_who_listens_is_told_of_each_rung_once(town, listen):
    heard = []

    def hear(event, *, key, at):
        heard.append((event.kind, key))

    outbox.hears(PROCESS, outbox.ESCALATED)(hear)
    town.loan_at("asked")

    escalations.sweep(at=HEAD)
    outbox.deliver(limit=10, at=HEAD)

    assert [kind for kind, _ in heard] == [outbox.ESCALATED] * 2
    assert len({key for _, key in heard}) == 2


def test_what_is_answered_rings_no_more(town):
    loan = town.loan_at("asked")
    fire(loan, lifecycle.REFUSE, by=town.librarian, reason="Abîmé.")

    assert escalations.sweep(at=DIRECTOR) == 0


def test_what_a_pause_holds_does_not_ring_until_it_goes_on(town):
    loan = town.loan_at("asked")
    fire(loan, lifecycle.FREEZE, by=town.librarian, reason="Inventaire.")
    assert escalations.sweep(at=DIRECTOR) == 0

    fire(loan, lifecycle.THAW, by=town.librarian, at=NOW + 10 * DAY)

    assert escalations.sweep(at=REMIND + 10 * DAY - datetime.timedelta(seconds=1)) == 0
    assert escalations.sweep(at=REMIND + 10 * DAY) == 1


def test_a_rung_that_rang_does_not_ring_again_after_a_pause(town):
    loan = town.loan_at("asked")
    escalations.sweep(at=REMIND)
    at = REMIND + DAY / 24
    fire(loan, lifecycle.FREEZE, by=town.librarian, at=at, reason="Inventaire.")
    fire(loan, lifecycle.THAW, by=town.librarian, at=at + 10 * DAY)

    escalations.sweep(at=DIRECTOR + 10 * DAY)

    assert told() == ["ASKED", "HEAD", "director"]


@pytest.mark.parametrize(
    ("due_on", "head_at"),
    [
        ("2026-03-29", "2026-03-29T06:00+00:00"),  # the clocks go forward that night
        ("2026-03-28", "2026-03-28T07:00+00:00"),
        ("2026-10-25", "2026-10-25T07:00+00:00"),  # and back that one
        ("2026-10-24", "2026-10-24T06:00+00:00"),
    ],
)
def test_no_change_of_hour_shifts_a_rung(town, due_on, head_at):
    at = local(f"{due_on}T12:00") - 3 * DAY
    loan = town.loan(at=at - DAY)
    fire(loan, lifecycle.ASK, by=town.reader, at=at)
    moment = datetime.datetime.fromisoformat(head_at)

    escalations.sweep(at=moment - datetime.timedelta(seconds=1))
    assert told() == ["ASKED"]
    escalations.sweep(at=moment)
    assert told() == ["ASKED", "HEAD"]


def test_a_sweep_that_dies_leaves_nothing_behind(town, monkeypatch):
    loan = town.loan_at("asked")

    def die(*args):
        raise OSError("power cut")

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "enqueue", die)
        assert escalations.sweep(at=REMIND) == 0
    assert rungs() == []
    assert desk(loan).rung == 0

    assert escalations.sweep(at=REMIND) == 1
    assert verify.problems_of(loan.case) == []


def test_one_task_that_cannot_ring_does_not_silence_the_others(town, monkeypatch):
    stuck, loan = town.loan_at("asked"), town.loan_at("asked")
    drafted = chain.draft

    def draft(case, entry):
        if case.pk == stuck.pk:
            raise ValueError("this one")
        return drafted(case, entry)

    monkeypatch.setattr(chain, "draft", draft)

    assert escalations.sweep(at=REMIND) == 1
    assert told(loan.case) == ["ASKED"]
    assert told(stuck.case) == []


def test_a_rung_that_cannot_ring_is_an_incident_until_it_rings(town, monkeypatch):
    case = town.loan_at("asked").case
    late = REMIND + incidents.SILENT
    with monkeypatch.context() as patched:
        patched.setattr(outbox, "enqueue", lambda *args: 1 / 0)
        assert escalations.sweep(at=late) == 0
    assert not [*incidents.contradictions(at=late - datetime.timedelta(seconds=1))]

    [incident] = incidents.contradictions(at=late)

    assert incident.case == case
    assert incident.message == (
        f"{case.reference} est à l’état « Demandé » et la relance du 04/03/2026 à "
        "08:00 (« Répondre à la demande ») n’est pas partie."
    )
    assert escalations.sweep(at=late) == 1
    assert not [*incidents.contradictions(at=late)]


def test_many_ring_with_few_statements(town, django_assert_max_num_queries):
    for loan in town.loans(40):
        fire(loan, lifecycle.ASK, by=town.reader)

    with django_assert_max_num_queries(16):
        assert escalations.sweep(at=REMIND) == 40


def test_a_sweep_can_be_asked_by_hand(town, capsys):
    town.loan_at("asked")

    call_command("ring_ladders")

    assert capsys.readouterr().out == "Relances et signalements : 3.\n"


@pytest.mark.postgres
@pytest.mark.slow  # real transactions, on several connections
@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_sweeps_that_overlap_ring_each_rung_once(self, told):
        town = Town()
        loans = town.loans(30)
        for loan in loans:
            fire(loan, lifecycle.ASK, by=town.reader)

        outcomes = race([functools.partial(escalations.sweep, at=HEAD)] * 8)
        escalations.sweep(at=HEAD)

        assert all(isinstance(outcome, int) for outcome in outcomes)
        for loan in loans:
            assert [f["tells"] for f in rungs(loan.case)] == ["ASKED", "HEAD"]
            assert verify.problems_of(Case.objects.get(pk=loan.pk)) == []

    def test_a_case_that_is_held_rings_at_the_next_sweep(self):
        town = Town()
        held, free = town.loan_at("asked"), town.loan_at("asked")

        with transaction.atomic():
            Case.objects.select_for_update().get(pk=held.pk)
            (outcome,) = race([functools.partial(escalations.sweep, at=REMIND)])

        assert outcome == 1
        assert told(held.case) == []
        assert told(free.case) == ["ASKED"]
        assert escalations.sweep(at=REMIND) == 1

    def test_a_decision_meanwhile_leaves_one_truth(self, told):
        town = Town()
        loan = town.loan_at("asked")

        race(
            [
                functools.partial(escalations.sweep, at=DIRECTOR),
                functools.partial(
                    fire,
                    loan,
                    lifecycle.REFUSE,
                    by=town.librarian,
                    seen=Case.objects.get(pk=loan.pk).version,
                    reason="Abîmé.",
                ),
            ]
        )
        escalations.sweep(at=DIRECTOR)

        case = Case.objects.get(pk=loan.pk)
        assert case.state == lifecycle.State.REFUSED
        assert len(rungs(case)) in {0, 3}
        assert verify.problems_of(case) == []
        assert connection.vendor == "postgresql"
        assert Message.objects.filter(event__case=case).exists()
