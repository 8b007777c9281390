"""The agenda: proposed from the states of operations, frozen, then late items only."""

import datetime

import pytest
from django.db import IntegrityError, transaction

from erbm.committees import commands
from erbm.committees.models import AgendaItem
from erbm.operations.models import Kind
from erbm.programme.models import Theme
from flows.operation import State as OperationState
from flows.sitting.lifecycle import State
from tests.committees import factories
from tests.committees.factories import (
    COPIL,
    HELD_ON,
    LENS,
    NOW,
    PLANNED_AT,
    again,
    asked,
    moment,
    secretary,
)
from tests.operations.factories import again as operation_again
from tests.operations.factories import operation_at
from workflow.models import Event
from workflow.refusals import Ground

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

LATE = {"reason": "Le chantier commence en mai."}


def agenda(sitting):
    return [item.operation for item in again(sitting).agenda()]


def propose(sitting, at=PLANNED_AT):
    commands.propose_agenda(
        asked=asked(sitting, again(sitting).case.version),
        by=secretary(sitting.body.code),
        at=at,
    )


def add(sitting, operation, *, at=PLANNED_AT, reason=""):
    return commands.add_item(
        asked=asked(sitting),
        operation_id=operation.pk,
        reason=reason,
        by=secretary(sitting.body.code),
        at=at,
    )


def refusal(act, *args, **said):
    with pytest.raises(commands.MoveRefused) as caught:
        act(*args, **said)
    [one] = caught.value.refusals
    return one


def test_what_waits_for_the_body_is_proposed_and_nothing_else():
    waiting = operation_at(OperationState.ON_AGENDA)
    operation_at(OperationState.UNDER_REVIEW)
    operation_at(OperationState.AWAITING_COPIL)

    for code, expected in ((LENS, [waiting]), ("comite-douai", [])):
        sitting = factories.planned(code)
        propose(sitting)
        assert agenda(sitting) == expected


def test_the_copil_examines_every_territory():
    waiting = operation_at(OperationState.AWAITING_COPIL)
    sitting = factories.planned(COPIL)

    propose(sitting)

    assert agenda(sitting) == [waiting]


def test_an_operation_waits_on_one_agenda_at_a_time():
    first = factories.proposed()
    [operation] = agenda(first)
    second = factories.planned(held_on=HELD_ON + datetime.timedelta(days=1))

    propose(second)
    assert agenda(second) == []
    told = refusal(add, second, operation)
    assert told.ground is Ground.REQUIREMENT
    with pytest.raises(IntegrityError), transaction.atomic():
        AgendaItem.objects.create(sitting=second, operation=operation, position=1)


def test_a_cancelled_sitting_gives_its_operations_back():
    first = factories.cancelled()
    second = factories.planned(held_on=HELD_ON + datetime.timedelta(days=1))

    propose(second)

    assert agenda(second) == agenda(first)


def test_a_sitting_put_off_keeps_its_agenda():
    first = factories.postponed()
    [operation] = agenda(first)
    second = factories.planned(held_on=HELD_ON + datetime.timedelta(days=1))

    propose(second)

    assert agenda(second) == []
    assert agenda(first) == [operation]


def test_after_the_freeze_nothing_is_proposed_and_one_item_is_late_for_a_reason():
    sitting = factories.planned()
    operation = operation_at(OperationState.ON_AGENDA)
    last = moment(sitting.freeze_on)
    late = last + datetime.timedelta(days=1)

    assert refusal(propose, sitting, late).ground is Ground.REQUIREMENT
    assert refusal(add, sitting, operation, at=late).field == "reason"
    add(sitting, operation, at=late, **LATE)

    [item] = again(sitting).agenda()
    assert item.is_late
    assert item.late_because == LATE["reason"]


def test_on_the_day_of_the_freeze_an_item_is_in_time():
    sitting = factories.planned()
    operation = operation_at(OperationState.ON_AGENDA)

    add(sitting, operation, at=moment(sitting.freeze_on))

    [item] = again(sitting).agenda()
    assert not item.is_late


def test_an_item_comes_late_even_to_an_open_sitting():
    sitting = factories.open_()
    operation = operation_at(OperationState.ON_AGENDA)

    add(sitting, operation, at=NOW, **LATE)

    assert [item.is_late for item in again(sitting).agenda()] == [False, True]


def test_items_are_put_in_order_and_taken_off_until_members_are_convened():
    sitting = factories.proposed(operations=3)
    first, second, third = sitting.agenda()

    def arrange(*items, at=PLANNED_AT):
        commands.arrange_agenda(
            asked=asked(sitting, again(sitting).case.version),
            order=[item.pk for item in items],
            by=secretary(),
            at=at,
        )

    arrange(third, first, second)
    assert again(sitting).agenda() == [third, first, second]
    arrange(third, second)
    assert [item.position for item in again(sitting).agenda()] == [1, 2]
    assert first.operation.agenda_items.count() == 0
    assert refusal(arrange, third, third).ground is Ground.INPUT
    factories.fire(sitting, "convene", by=secretary(), at=factories.CONVENED_AT)
    assert refusal(arrange, second, third).ground is Ground.STATE


def test_items_of_one_theme_are_brought_together():
    other = Theme.objects.exclude(code="housing").first()
    sitting = factories.planned()
    operations = [
        operation_at(OperationState.ON_AGENDA, kind)
        for kind in (Kind.REHABILITATION, Kind.SUBSIDY, Kind.REHABILITATION)
    ]
    type(operations[1]).objects.filter(pk=operations[1].pk).update(theme=other)
    for operation in operations:
        add(sitting, operation_again(operation))

    commands.group_by_theme(
        asked=asked(sitting, again(sitting).case.version),
        by=secretary(),
        at=PLANNED_AT,
    )

    assert agenda(sitting) == [operations[0], operations[2], operations[1]]


def test_two_who_arrange_the_same_agenda_do_not_overwrite_each_other():
    sitting = factories.proposed()
    stale = sitting.case.version - 1

    with pytest.raises(commands.StaleCase):
        commands.arrange_agenda(
            asked=asked(sitting, stale), order=[], by=secretary(), at=PLANNED_AT
        )


def test_a_postponed_item_waits_for_another_sitting():
    sitting = factories.undecided()
    [operation] = agenda(sitting)
    other = factories.planned(held_on=HELD_ON + datetime.timedelta(days=30), at=NOW)

    add(other, operation, at=NOW)

    assert agenda(other) == [operation]
    factories.close(again(sitting))
    assert operation_again(operation).case.state == OperationState.ON_AGENDA


def test_an_item_is_not_postponed_without_a_reason():
    sitting = factories.open_()

    assert refusal(factories.postpone, sitting, reason=" ").field == "reason"


def test_the_trail_says_what_was_put_on_the_agenda():
    sitting = factories.proposed()
    reference = agenda(sitting)[0].case.reference

    event = Event.objects.get(case=sitting.pk, move="set_agenda")

    assert f'"added":["{reference}"]' in event.body
    assert sitting.case.state == State.PLANNED
