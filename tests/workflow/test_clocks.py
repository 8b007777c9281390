"""The clock of one task stands and goes on, for a reason, without hiding its past."""

import dataclasses
import datetime
import json
import uuid

import pytest
from django.db import transaction

from tests.library import lifecycle
from tests.library.factories import NOW, fire, person, unit
from tests.library.lifecycle import Role
from workflow import clocks, conflicts, engine, escalations, inbox
from workflow.clocks import Turn
from workflow.deadlines import LOCAL
from workflow.inbox import Box
from workflow.models import Case, Event, Task
from workflow.refusals import Ground
from workflow.standing import memberships_of
from workflow.trail import verify

DAY = datetime.timedelta(days=1)
WHY = "Le livre est chez le relieur."


def day(text):
    return datetime.date.fromisoformat(text)


@pytest.fixture
def loan(town):
    return town.loan_at("asked")


def desk(loan):
    return Task.objects.get(case=loan.case, step="desk")


def turn(loan, by, *, at=NOW, reason=WHY, on=None, key=None, step="desk"):
    task = Task.objects.get(case=loan.case, step=step)
    return Turn(
        task_id=task.pk, reason=reason, by=by, at=at, on=on, key=key or uuid.uuid4()
    )


@transaction.atomic
def stop(loan, by, **said):
    return clocks.stop(turn(loan, by, **said))


@transaction.atomic
def resume(loan, by, **said):
    return clocks.resume(turn(loan, by, **said))


def facts(kind):
    return json.loads(Event.objects.get(kind=kind).body)["facts"]


def test_a_clock_that_stood_puts_the_due_date_off(town, loan):
    due = desk(loan).due_at

    stop(loan, town.librarian, at=NOW + DAY)
    resume(loan, town.librarian, at=NOW + 11 * DAY)

    task = desk(loan)
    assert task.due_at == due + 10 * DAY
    assert task.original_due_at == due
    assert task.was_put_off
    assert (task.stopped_on, task.stopped_by, task.sort_at) == (None, None, task.due_at)


def test_a_task_whose_clock_stands_can_be_done_and_is_never_late(town, loan):
    stop(loan, town.librarian)
    at = NOW + 40 * DAY

    held = memberships_of(town.librarian, at.date())
    late = inbox.tasks_in(Box.OVERDUE, by=town.librarian, memberships=held, at=at)
    assert not late.exists()
    assert escalations.sweep(at=at) == 0
    fire(loan, lifecycle.REFUSE, by=town.librarian, at=at, reason="Perdu.")
    assert desk(loan).status == "DONE"


def test_its_rungs_ring_later_by_as_much(town, loan):
    first = desk(loan).next_ring_at

    stop(loan, town.librarian)
    assert desk(loan).next_ring_at is None
    resume(loan, town.librarian, at=NOW + 7 * DAY)

    assert desk(loan).next_ring_at == first + 7 * DAY


def test_the_trail_keeps_who_when_why_and_both_dates(town, loan):
    stop(loan, town.librarian, at=NOW + 3 * DAY, on=NOW.date() + DAY)
    event = Event.objects.get(kind=clocks.STOPPED)
    assert (event.actor, event.at) == (town.librarian, NOW + 3 * DAY)
    assert facts(clocks.STOPPED)["effective_on"] == "2026-03-03"
    assert json.loads(event.text.text)["reason"] == WHY
    assert WHY not in event.body
    assert desk(loan).stopped_by == event

    resume(loan, town.librarian, at=NOW + 5 * DAY)
    before, after = facts(clocks.RESUMED)["due"]
    assert before < after
    assert verify.problems_of(Case.objects.get(pk=loan.pk)) == []


def test_a_role_that_is_declared_may_stop_it_for_the_unit(town, loan):
    stop(loan, town.director)

    event = Event.objects.get(kind=clocks.STOPPED)
    assert (event.role, event.unit) == (Role.DIRECTOR, unit("unit-director"))


@pytest.mark.parametrize("act", [stop, resume])
def test_nobody_else_may(town, loan, act):
    stranger = person("paul", Role.LIBRARIAN, place=unit("elsewhere"))
    if act is resume:
        stop(loan, town.librarian)

    for someone in (town.reader, town.mayor, town.inspector, stranger):
        with pytest.raises(engine.MoveRefused) as caught:
            act(loan, someone)
        (refusal,) = caught.value.refusals
        assert refusal.ground is Ground.ROLE
        assert refusal.message == (
            "Ce délai est entre les mains de : directeur ou bibliothécaire."
        )


@pytest.mark.parametrize("step", ["home", "thaw"])
def test_a_delay_that_is_not_the_task_s_own_is_not_stopped(town, step):
    loan = town.loan_at("lent" if step == "home" else "frozen")
    by = town.reader if step == "home" else town.librarian

    with pytest.raises(engine.MoveRefused, match="propre"):
        stop(loan, by, step=step)


def test_a_reason_is_demanded_both_ways(town, loan):
    with pytest.raises(engine.MoveRefused, match="Motif : à renseigner"):
        stop(loan, town.librarian, reason="  ")
    stop(loan, town.librarian)
    with pytest.raises(engine.MoveRefused, match="Motif : à renseigner"):
        resume(loan, town.librarian, reason="")


def test_a_clock_stands_once(town, loan):
    with pytest.raises(engine.MoveRefused, match="n’est pas suspendu"):
        resume(loan, town.librarian)
    stop(loan, town.librarian)
    with pytest.raises(engine.MoveRefused, match="déjà suspendu"):
        stop(loan, town.librarian)
    assert Event.objects.filter(kind=clocks.STOPPED).count() == 1


@pytest.mark.parametrize(
    ("on", "words"),
    [("2026-03-06", "dans l’avenir"), ("2026-03-01", "précède la demande")],
)
def test_it_takes_effect_between_the_demand_and_today(town, loan, on, words):
    with pytest.raises(engine.MoveRefused, match=words):
        stop(loan, town.librarian, at=NOW + DAY, on=day(on))


def test_it_does_not_go_on_before_it_stood(town, loan):
    stop(loan, town.librarian, at=NOW + 2 * DAY)

    with pytest.raises(engine.MoveRefused, match="précède la suspension"):
        resume(loan, town.librarian, at=NOW + 3 * DAY, on=NOW.date())


def test_a_pause_of_the_case_leaves_a_clock_that_stood_as_it_was(town, loan):
    due = desk(loan).due_at
    stop(loan, town.librarian)
    fire(loan, lifecycle.FREEZE, by=town.librarian, reason="Inventaire.")
    fire(loan, lifecycle.THAW, by=town.librarian, at=NOW + 10 * DAY)
    assert desk(loan).is_stopped
    assert desk(loan).due_at == due

    resume(loan, town.librarian, at=NOW + 12 * DAY)

    assert desk(loan).due_at == due + 12 * DAY


def test_a_task_that_a_pause_holds_or_that_is_done_has_no_clock_to_stop(town, loan):
    asked = turn(loan, town.librarian)
    fire(loan, lifecycle.FREEZE, by=town.librarian, reason="Inventaire.")

    for missing in (asked, dataclasses.replace(asked, task_id=0)):
        with pytest.raises(clocks.ClockNotFound), transaction.atomic():
            clocks.stop(missing)


def test_the_due_date_ends_with_a_day_on_the_wall(town, loan):
    stop(loan, town.librarian, at=NOW + DAY)
    resume(loan, town.librarian, at=NOW + 40 * DAY)

    assert desk(loan).due_at.astimezone(LOCAL).time() == datetime.time(23, 59, 59)


def test_a_form_sent_twice_gets_the_same_receipt(town, loan):
    key = uuid.uuid4()

    assert stop(loan, town.librarian, key=key) == stop(loan, town.librarian, key=key)
    assert Event.objects.filter(kind=clocks.STOPPED).count() == 1


def test_who_has_a_conflict_of_interest_leaves_the_clock_alone(town, loan):
    said = conflicts.Statement(
        about=town.librarian,
        by=town.librarian,
        at=NOW,
        reason="Mon frère.",
        key=uuid.uuid4(),
    )
    with transaction.atomic():
        conflicts.declare(lifecycle.PROCESS, loan.pk, said)

    with pytest.raises(engine.MoveRefused, match="conflit d’intérêts"):
        stop(loan, town.librarian)
