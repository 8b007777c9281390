"""Where the cases of a procedure wait, and how long: the figures of its map.

A wait is counted in worked days, those of the whole country: the closures of one unit
would make its waits look shorter than another's. It is that of whoever waits for the
answer: the days when a clock stood count as well. That of an answered task is counted
once, when it is answered, and kept with it.
"""

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate

from workflow.calendars import worked_between
from workflow.deadlines import LOCAL, end_of, local_day, start_of
from workflow.journeys import Step, flow_of
from workflow.models import Case, Task
from workflow.process import Process


@dataclass(frozen=True, slots=True)
class Period:
    """The days, both included, in which the waits that are measured ended."""

    since: datetime.date
    until: datetime.date


@dataclass(frozen=True, slots=True)
class Figure:
    """
    What waits at one place.

    - `waiting`, `overdue`: now, cases in a state, tasks at a step;
    - `ended`: how many waits `median` and `ninth`, in worked days, are drawn from.
    """

    waiting: int = 0
    overdue: int = 0
    ended: int = 0
    median: int | None = None
    ninth: int | None = None


@dataclass(frozen=True, slots=True)
class Map:
    """The figures of a procedure, by the names of its states and of its steps."""

    states: Mapping[str, Figure]
    steps: Mapping[str, Figure]


def map_of(
    process: Process, cases: QuerySet[Case], *, period: Period, at: datetime.datetime
) -> Map:
    """
    Return where those of these cases that follow a version wait, and how long.

    At a step, the waits are those of the tasks answered within the period. In a state,
    those of the tasks that are open there now.
    """
    follow = cases.filter(process=process.name, process_version=process.version)
    steps = flow_of(process.name, process.version).steps()
    waiting = list(_open(follow.order_by(), steps, at))
    answered = _by_place(_answered(follow.order_by(), steps, period))
    return Map(
        states=_states(follow.order_by(), waiting, at),
        steps={step.name: f for step, f in _steps(waiting, answered).items()},
    )


@dataclass(frozen=True, slots=True)
class _Waiting:
    """How many tasks wait at a step, in a state, since a day; how many are late."""

    state: str
    step: Step
    worked_days: int
    some: int
    late: int


def _states(
    follow: QuerySet[Case], waiting: Iterable[_Waiting], at: datetime.datetime
) -> dict[str, Figure]:
    late = Task.objects.overdue(at).values("case")
    rows = follow.values_list("state")
    counted = rows.annotate(some=Count("pk"), late=Count("pk", filter=Q(pk__in=late)))
    waits = _by_place((w.state, w.worked_days, w.some) for w in waiting)
    return {
        state: _figure(some, overdue, waits.get(state, Counter()))
        for state, some, overdue in counted
    }


def _steps(
    waiting: Iterable[_Waiting], answered: Mapping[Step, Counter[int]]
) -> dict[Step, Figure]:
    now: dict[Step, tuple[int, int]] = {}
    for row in waiting:
        some, late = now.get(row.step, (0, 0))
        now[row.step] = (some + row.some, late + row.late)
    return {
        step: _figure(*now.get(step, (0, 0)), answered.get(step, Counter()))
        for step in now.keys() | answered.keys()
    }


def _figure(waiting: int, overdue: int, waits: Counter[int]) -> Figure:
    median, ninth = quantile(waits, 50), quantile(waits, 90)
    return Figure(waiting, overdue, waits.total(), median, ninth)


def quantile(waits: Mapping[int, int], percent: int) -> int | None:
    """Return the smallest wait that so many hundredths of the waits do not exceed."""
    left = -(-sum(waits.values()) * percent // 100)
    for wait in sorted(waits):
        left -= waits[wait]
        if left <= 0:
            return wait
    return None


# The waits


Waits = Iterable[tuple[Any, int, int]]
"""A place, a number of worked days, and how many waits lasted as long."""


def _by_place(waits: Waits) -> dict[Any, Counter[int]]:
    found: dict[Any, Counter[int]] = {}
    for place, wait, count in waits:
        found.setdefault(place, Counter())[wait] += count
    return found


def _answered(follow: QuerySet[Case], steps: Sequence[Step], period: Period) -> Waits:
    answered = follow.filter(
        tasks__flow_task__in=steps,
        tasks__status="DONE",
        tasks__finished__gte=start_of(period.since),
        tasks__finished__lte=end_of(period.until),
    )
    rows = answered.values_list("tasks__flow_task", "tasks__worked_days")
    # Of the rows rather than of their keys, which the index does not hold.
    counted: Waits = rows.annotate(some=Count("*"))
    return counted


def _open(
    follow: QuerySet[Case], steps: Sequence[Step], at: datetime.datetime
) -> Iterator[_Waiting]:
    waiting = follow.filter(
        tasks__flow_task__in=steps, tasks__finished=None, tasks__held_at=None
    )
    since, today = TruncDate("tasks__created", tzinfo=LOCAL), local_day(at)
    late = Count("tasks", filter=Q(tasks__sort_at__lt=at))
    rows = waiting.values_list("state", "tasks__flow_task", since)
    for state, step, day, *counts in rows.annotate(some=Count("*"), late=late):
        yield _Waiting(state, step, worked_between(day, today), *counts)
