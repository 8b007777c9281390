"""Where the cases of a procedure wait, and how long: the figures of its map.

A wait is counted in worked days, those of the whole country: the closures of one unit
would make its waits look shorter than another's.
"""

import datetime
import functools
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, F, Func, IntegerField, Q, QuerySet
from django.db.models.functions import TruncDate

from workflow.calendars import is_worked
from workflow.deadlines import LOCAL, end_of, local_day, start_of
from workflow.journeys import flow_of
from workflow.models import Case, Task
from workflow.process import Process

FIRST = datetime.date(2000, 1, 1)
AHEAD = datetime.timedelta(days=366)


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
    tasks = Task.objects.filter(flow_task__in=steps, case__in=follow).order_by()
    return Map(
        states={str(s): f for s, f in _states(follow, tasks, at).items()},
        steps={step.name: f for step, f in _steps(tasks, period, at).items()},
    )


def _states(
    follow: QuerySet[Case], tasks: QuerySet[Task], at: datetime.datetime
) -> dict[str, Figure]:
    late = Task.objects.overdue(at).values("case")
    rows = follow.order_by().values_list("state")
    counted = rows.annotate(some=Count("pk"), late=Count("pk", filter=Q(pk__in=late)))
    waits = _by_place(_open_waits(tasks, at))
    return {
        state: _figure(waiting, overdue, waits.get(state, Counter()))
        for state, waiting, overdue in counted
    }


def _steps(
    tasks: QuerySet[Task], period: Period, at: datetime.datetime
) -> dict[Any, Figure]:
    late = Count("pk", filter=Q(sort_at__lt=at))
    rows = tasks.filter(finished=None, held_at=None).values_list("flow_task")
    open_now = rows.annotate(some=Count("pk"), late=late)
    now = {step: (some, overdue) for step, some, overdue in open_now}
    waits = _by_place(_answered_waits(tasks, period))
    return {
        step: _figure(*now.get(step, (0, 0)), waits.get(step, Counter()))
        for step in now.keys() | waits.keys()
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


def _answered_waits(tasks: QuerySet[Task], period: Period) -> Waits:
    answered = tasks.filter(
        status="DONE",
        finished__gte=start_of(period.since),
        finished__lte=end_of(period.until),
    )
    if connection.vendor == "postgresql":
        ranks = _literal(period.until + AHEAD)
        wait = _Rank(F("finished"), ranks=ranks) - _Rank(F("created"), ranks=ranks)
        rows = answered.annotate(wait=wait).values_list("flow_task", "wait")
        counted: Waits = rows.annotate(some=Count("pk"))
        return counted
    days = answered.values_list("flow_task", _day("created"), _day("finished"))
    return _counted(days.annotate(some=Count("pk")))


def _open_waits(tasks: QuerySet[Task], at: datetime.datetime) -> Waits:
    waiting = tasks.filter(finished=None, held_at=None)
    days = waiting.values_list("case__state", _day("created"))
    rows, today = days.annotate(some=Count("pk")), local_day(at)
    return _counted((state, since, today, count) for state, since, count in rows)


def _counted(
    rows: Iterable[tuple[Any, datetime.date, datetime.date, int]],
) -> Iterator[tuple[Any, int, int]]:
    for place, start, end, count in rows:
        ranks = _ranks(max(start, end) + AHEAD)
        yield place, ranks[(end - FIRST).days] - ranks[(start - FIRST).days], count


def _day(column: str) -> TruncDate:
    return TruncDate(column, tzinfo=LOCAL)


def _ranks(until: datetime.date) -> list[int]:
    """Return, for each day since the first one, how many worked days have passed."""
    return _ranks_to(until.year)


@functools.cache
def _ranks_to(year: int) -> list[int]:
    days = (datetime.date(year, 12, 31) - FIRST).days + 1
    passed, ranks = 0, []
    for number in range(days):
        passed += is_worked(FIRST + datetime.timedelta(days=number))
        ranks.append(passed)
    return ranks


def _literal(until: datetime.date) -> str:
    return "{" + ",".join(map(str, _ranks(until))) + "}"


class _Rank(Func):
    """How many worked days have passed on the day of a moment, for PostgreSQL."""

    output_field = IntegerField()
    function = ""

    def __init__(self, moment: Any, *, ranks: str) -> None:
        super().__init__(moment)
        self.ranks = ranks

    def as_sql(  # type: ignore[override]
        self, compiler: Any, connection: Any, **context: Any
    ) -> Any:
        moment, params = compiler.compile(self.source_expressions[0])
        day = f"({moment} AT TIME ZONE '{LOCAL}')::date - DATE '{FIRST}' + 1"
        return f"(%s::int[])[{day}]", [self.ranks, *params]
