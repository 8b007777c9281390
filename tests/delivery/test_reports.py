"""Each quarter the owner says how the works go: dwellings, rehousing, insertion."""

import datetime

import pytest
from dateutil.relativedelta import relativedelta
from django.db import IntegrityError, transaction

from erbm.cases.commands import MoveRefused
from erbm.operations.models import Kind, Operation
from flows.operation import State
from flows.roles import Role
from tests.operations.factories import DAY, WHY, again, fire, operation_at, person
from workflow import outbox
from workflow.deadlines import LOCAL, Until
from workflow.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

QUARTER = relativedelta(months=3)


def report(operation, **said):
    counted = {"dwellings_delivered": 40, "dwellings_withdrawn": 3}
    if operation.kind == Kind.SUBSIDY:
        counted = {"progress_percent": 40, "spent_cents": 100}
    by = person(operation, Role.OWNER)
    fire(operation, "record_progress", by=by, **counted | said)
    return again(operation)


def asked(operation):
    return again(operation).case.tasks.open().get(step="report")


@pytest.mark.parametrize("kind", Kind)
def test_a_report_is_asked_three_months_after_the_start_then_after_each_report(kind):
    operation = operation_at(State.IN_PROGRESS, kind)
    started = operation.case.changed_at.astimezone(LOCAL).date()
    first = asked(operation)
    assert first.due_at.astimezone(LOCAL).date() == started + QUARTER

    operation = report(operation)

    second = asked(operation)
    reported = operation.case.changed_at.astimezone(LOCAL).date()
    assert second != first
    assert second.due_at.astimezone(LOCAL).date() == reported + QUARTER
    first.refresh_from_db()
    assert first.completed_move == "record_progress"
    assert operation.report_due_on == reported + QUARTER


def test_reporting_leaves_the_delivery_to_be_done():
    operation = report(operation_at(State.IN_PROGRESS))

    steps = operation.case.tasks.open().values_list("step", flat=True)
    assert sorted(steps) == ["deliver", "report"]


def test_who_is_late_is_reminded_then_told_to_the_lead_service():
    ladder = asked(operation_at(State.IN_PROGRESS)).flow_task.ladder

    assert [(rung.offset.count, rung.whom) for rung in ladder] == [
        (-15, "ASKED"),
        (1, "HEAD"),
        (15, "lead_service"),
    ]
    assert isinstance(asked(operation_at(State.IN_PROGRESS)).flow_task.due, Until)


def test_a_pause_puts_the_next_report_off():
    operation = operation_at(State.IN_PROGRESS)
    due = operation.report_due_on
    lead = person(operation, Role.LEAD_SERVICE)
    fire(operation, "suspend", by=lead, **WHY)
    fire(
        operation,
        "resume",
        by=lead,
        at=again(operation).case.changed_at + 10 * DAY,
        **WHY,
    )

    assert again(operation).report_due_on == due + 10 * DAY
    assert asked(operation).due_at.astimezone(LOCAL).date() == due + 10 * DAY


def test_once_delivered_no_report_is_asked():
    operation = operation_at(State.DELIVERED)

    assert operation.report_due_on is None
    assert not operation.case.tasks.unfinished().filter(step="report").exists()


COUNTED = {
    "dwellings_facade": 8,
    "dwellings_merged": 2,
    "dwellings_demolished": 1,
    "dwellings_built": 5,
    "households_rehoused": 30,
    "tiroir_dwellings": 4,
    "insertion_hours": 1_200,
}


def test_a_report_counts_what_became_of_dwellings_and_of_people():
    operation = report(operation_at(State.IN_PROGRESS), **COUNTED)

    assert {name: getattr(operation, name) for name in COUNTED} == COUNTED
    told = Event.objects.filter(case=operation.case, kind=outbox.MOVED).latest("seq")
    assert '"dwellings_merged":["0","2"]' in told.body


def test_what_a_report_does_not_say_stays_and_zero_says_something():
    operation = report(operation_at(State.IN_PROGRESS), **COUNTED)

    operation = report(operation, tiroir_dwellings=0)

    assert operation.tiroir_dwellings == 0
    assert operation.dwellings_facade == 8


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"dwellings_facade": 41}, "plus que de logements livrés"),
        ({"dwellings_merged": 2, "dwellings_demolished": 2}, "4 logements regroupés"),
        ({"dwellings_merged": 4}, "4 logements regroupés"),
    ],
)
def test_a_part_never_exceeds_its_whole(said, why):
    with pytest.raises(MoveRefused, match=why):
        report(operation_at(State.IN_PROGRESS), **said)


@pytest.mark.parametrize(
    "said",
    [{"dwellings_facade": 40}, {"dwellings_merged": 2, "dwellings_demolished": 1}],
)
def test_a_part_may_be_the_whole(said):
    operation = report(operation_at(State.IN_PROGRESS), **said)

    assert {name: getattr(operation, name) for name in said} == said


def test_a_whole_that_shrinks_below_its_part_is_refused():
    operation = report(operation_at(State.IN_PROGRESS), dwellings_facade=8)

    with pytest.raises(MoveRefused, match="plus que de logements livrés"):
        report(operation, dwellings_delivered=7)


@pytest.mark.parametrize("column", ["dwellings_facade", "dwellings_merged"])
def test_the_database_knows_it_too(column):
    operation = operation_at(State.IN_PROGRESS)

    with pytest.raises(IntegrityError), transaction.atomic():
        Operation.objects.filter(pk=operation.pk).update(**{column: 1})


def test_the_close_keeps_the_hours_reported_unless_it_says_others():
    operation = operation_at(State.IN_PROGRESS, Kind.SUBSIDY)

    operation = report(operation, insertion_hours=900)

    assert operation.insertion_hours == 900
    assert isinstance(operation.report_due_on, datetime.date)
