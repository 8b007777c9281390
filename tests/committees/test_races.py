"""Numbers, agendas and closes raced for: the locks decide, on PostgreSQL."""

import functools
from io import StringIO

import pytest
from django.core.management import call_command

from erbm.cases import commands as moves
from erbm.committees import commands
from erbm.committees.models import AgendaItem, Sitting
from flows.operation import State as OperationState
from flows.sitting.lifecycle import State
from tests.committees import factories
from tests.committees.factories import HELD_ON, NOW, PLANNED_AT, asked, chair, secretary
from tests.operations.factories import DAY, operation_at
from tests.workflow.databases import race
from workflow.models import Case

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,  # several connections, and the reference data each time
    pytest.mark.django_db(transaction=True),
]

AT_ONCE = 6


@pytest.fixture(autouse=True)
def reference():
    call_command("load_reference", stdout=StringIO())


def days(count):
    return [HELD_ON + n * DAY for n in range(count)]


def publish(sitting):
    return factories.fire(sitting, "publish", by=secretary(), at=NOW)


def close(sitting):
    return factories.fire(sitting, "close", by=chair(), at=NOW)


def test_minutes_published_at_once_are_numbered_without_a_gap():
    sittings = [factories.planned(held_on=day) for day in days(AT_ONCE)]
    Case.objects.filter(sitting__in=sittings).update(state=State.CLOSED)
    secretary()

    race(functools.partial(publish, sitting) for sitting in sittings)

    numbers = Sitting.objects.order_by("minutes_number").values_list(
        "minutes_number", flat=True
    )
    assert list(numbers) == list(range(1, AT_ONCE + 1))


def test_decisions_closed_at_once_are_numbered_without_a_gap():
    sittings = []
    for day in days(3):
        for _ in range(2):
            operation_at(OperationState.ON_AGENDA)
        sitting = factories.planned(held_on=day)
        commands.propose_agenda(asked=asked(sitting, 1), by=secretary(), at=PLANNED_AT)
        for move in ("convene", "open"):
            state = {"held_on": HELD_ON, "convene_by": HELD_ON}
            Sitting.objects.filter(pk=sitting.pk).update(**state)
            sitting = factories.fire(sitting, move, by=secretary(), at=NOW)
        sitting = factories.attend(sitting)
        for item in sitting.agenda():
            sitting = factories.decide(sitting, item)
        sittings.append(sitting)
    chair()

    outcomes = race(functools.partial(close, sitting) for sitting in sittings)

    assert [one for one in outcomes if isinstance(one, Exception)] == []
    numbers = AgendaItem.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, 7))


def test_a_sitting_closed_twice_at_once_is_closed_once():
    sitting = factories.decided()
    seen, by = sitting.case.version, chair()

    def once():
        return factories.fire(sitting, "close", by=by, at=NOW, seen=seen)

    outcomes = race([once, once])

    assert sum(isinstance(one, moves.StaleCase) for one in outcomes) == 1
    [item] = AgendaItem.objects.all()
    assert item.number == 1
    assert item.operation.case.state == OperationState.AWAITING_COPIL


def test_two_agendas_that_want_an_operation_do_not_both_have_it():
    operation_at(OperationState.ON_AGENDA)
    sittings = [factories.planned(held_on=day) for day in days(2)]

    def propose(sitting):
        return commands.propose_agenda(
            asked=asked(sitting, 1), by=secretary(), at=PLANNED_AT
        )

    outcomes = race(functools.partial(propose, sitting) for sitting in sittings)

    unexpected = (commands.Receipt, commands.MoveRefused)
    assert [one for one in outcomes if not isinstance(one, unexpected)] == []
    assert AgendaItem.objects.count() == 1
