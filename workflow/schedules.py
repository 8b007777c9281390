"""When a task is due, and when it rings: what its clock writes in its row."""

import datetime
from collections.abc import Collection, Mapping
from typing import Protocol

from workflow import deadlines, ladders
from workflow.calendars import Closed
from workflow.ladders import Ladder
from workflow.models import Closure, Task, Unit

NO_DUE_DATE = datetime.datetime(9999, 12, 31, tzinfo=datetime.UTC)
COLUMNS = ("held_at", "stopped_on", "due_at", "sort_at", "next_ring_at")


class Timed(Protocol):
    """A step of a journey, as far as its clock goes."""

    due: deadlines.Delay | deadlines.Until | None
    ladder: Ladder


def counts_worked_days(step: Timed) -> bool:
    """Tell whether the closures of a unit change anything to what a step asks."""
    offsets = [rung.offset for rung in step.ladder]
    delays = (step.due, *offsets)
    return any(isinstance(delay, deadlines.WorkingDays) for delay in delays)


def closed_days(units: Collection[Unit]) -> Mapping[int, Closed]:
    """Return the days on which units are closed, by id, asking only if need be."""
    return closed_days_of([unit.pk for unit in units if unit.has_closures])


def closed_days_of(unit_ids: Collection[int]) -> Mapping[int, Closed]:
    """Return the days on which units are closed, by their ids."""
    closed: dict[int, frozenset[datetime.date]] = {}
    if unit_ids:
        for closure in Closure.objects.filter(unit__in=unit_ids):
            days = closed.get(closure.unit_id, frozenset())
            closed[closure.unit_id] = days.union(closure.days)
    return closed


def closed_days_for(task: Task, step: Timed) -> Closed:
    """Return the days on which the unit of a task is closed, if they matter to it."""
    if not counts_worked_days(step):
        return ()
    return closed_days_of([task.unit_id]).get(task.unit_id, ())


def begin(
    task: Task, step: Timed, due_at: datetime.datetime | None, closed: Closed
) -> None:
    """Start the clock of a task that is asked."""
    task.original_due_at = due_at
    task.rung = ladders.first_rung(step.ladder, due_at, task.created, closed)
    _place(task, step, due_at, closed)


def stop(task: Task, on: datetime.date) -> None:
    """Stop the clock of a task: it is neither late nor rings until it goes on."""
    task.stopped_on = on
    task.sort_at, task.next_ring_at = NO_DUE_DATE, None


def hold(task: Task, at: datetime.datetime, on: datetime.date) -> None:
    """Withdraw a task for as long as a pause lasts, and stop its clock."""
    if task.stopped_on is None:
        task.stopped_on = on
    task.held_at, task.next_ring_at = at, None


def resume(task: Task, step: Timed, on: datetime.date, closed: Closed) -> None:
    """Let the clock of a task go on: the days on which it stood do not count."""
    due_at, since = task.due_at, task.stopped_on
    if since is None and task.held_at:
        since = deadlines.local_day(task.held_at)
    if due_at and since and on > since:
        due_at = deadlines.resumed(
            step.due, due_at, stopped_on=since, resumes_on=on, closed=closed
        )
    task.held_at = task.stopped_on = task.stopped_by = None
    _place(task, step, due_at, closed)


def set_due(task: Task, step: Timed, due_at: datetime.datetime | None) -> None:
    """Give a task another due date, and its ladder with it."""
    _place(task, step, due_at, closed_days_for(task, step))


def _place(
    task: Task, step: Timed, due_at: datetime.datetime | None, closed: Closed
) -> None:
    task.due_at, task.sort_at = due_at, due_at or NO_DUE_DATE
    task.next_ring_at = ladders.next_ring(step.ladder, task.rung, due_at, closed)
