"""What whoever directs the programme reads of it; each figure is that of a list."""

import calendar
import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Count, Q

from erbm.committees.models import Sitting
from erbm.desk.queries import dwellings, operations
from erbm.desk.queries.operations import IDLE
from erbm.desk.queries.pipeline import Pipeline, pipeline_of
from erbm.desk.queries.processes import A_YEAR
from erbm.desk.steps import PIPELINE
from erbm.operations.models import Kind, Operation
from erbm.operations.models.operations import OperationQuerySet
from erbm.programme import queries as programme
from erbm.programme.schemes import Scheme
from workflow import maps
from workflow.cases import bound_processes
from workflow.deadlines import local_day
from workflow.journeys import flow_of
from workflow.maps import Figure, Period
from workflow.models import Case, Membership, Task
from workflow.process import Process

LONGEST = 8
"""How many of the longest waits are shown."""


@dataclass(frozen=True, slots=True)
class Node:
    """
    A place where operations wait.

    - `operations`, `late`: those of which something is asked there now, or late;
    - `figure`: how long the answers of the last twelve months took.
    """

    process: str
    step: str
    title: str
    operations: int
    late: int
    figure: Figure

    @property
    def kind_label(self) -> str:
        return str(Kind(self.process).label)

    @property
    def weight(self) -> tuple[int, int, int]:
        """The longest waits come first, then what is late, then what waits."""
        return -(self.figure.median or 0), -self.late, -self.operations


@dataclass(frozen=True)
class Dashboard:
    """The programme as a person may know of it, reduced by filters."""

    memberships: Sequence[Membership]
    said: Mapping[str, Any]
    at: datetime.datetime

    @cached_property
    def visible(self) -> OperationQuerySet:
        return Operation.objects.visible_with(self.memberships)

    def having(self, **question: str) -> OperationQuerySet:
        """Return the operations that a list would show of a question."""
        asked = {**self.said, **question}
        return operations.reduced(self.visible, asked, self.at)

    @cached_property
    def pipeline(self) -> Pipeline:
        return pipeline_of(self.having())

    @cached_property
    def measured(self) -> dict[str, int]:
        return dwellings.totals(self.having())

    @cached_property
    def expected(self) -> list[dwellings.Expected]:
        return dwellings.expected(self.having(), self.measured["delivered"])

    @cached_property
    def ageing(self) -> dict[str, list[int]]:
        """Count, by stage, what has not changed for more than some days."""
        found = self.having(stage=operations.RUNNING).order_by()
        counts = {f"idle_{days}": self._unchanged_for(days) for days in IDLE}
        rows: Any = found.values("case__stage").annotate(**counts)
        told = {row["case__stage"]: [row[name] for name in counts] for row in rows}
        return {stage: told.get(stage, [0] * len(IDLE)) for stage in PIPELINE}

    def _unchanged_for(self, days: int) -> Count:
        since = self.at - datetime.timedelta(days=days)
        return Count("pk", filter=Q(case__changed_at__lte=since))

    # Where it waits

    @cached_property
    def nodes(self) -> list[Node]:
        """Return the places where one waits the longest."""
        known = [n for n in self._nodes() if n.operations or n.figure.median]
        return sorted(known, key=lambda node: node.weight)[:LONGEST]

    def _nodes(self) -> Iterator[Node]:
        waiting, told = self._waiting(), set()
        # The latest version of a procedure names a step that several have.
        for process in reversed(bound_processes()):
            if process.name not in Kind:
                continue
            figures = self._figures(process)
            for step in flow_of(process.name, process.version).steps():
                place = (process.name, step.name)
                if place not in told:
                    told.add(place)
                    figure = figures.get(step.name, Figure())
                    asked = waiting.get(place, (0, 0))
                    yield Node(*place, step.task_title, *asked, figure)

    def _figures(self, process: Process) -> Mapping[str, Figure]:
        today = local_day(self.at)
        cases = Case.objects.filter(pk__in=self.having().order_by().values("pk"))
        period = Period(today - A_YEAR, today)
        return maps.map_of(process, cases, period=period, at=self.at).steps

    def _waiting(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Count, step by step, the operations of which something is asked."""
        known = self.having().order_by().values("pk")
        tasks = Task.objects.open().filter(case__in=known).order_by()
        late = Q(sort_at__lt=self.at)
        rows = tasks.values_list("kind", "step").annotate(
            some=Count("case", distinct=True),
            late=Count("case", distinct=True, filter=late),
        )
        return {(kind, step): (some, late) for kind, step, some, late in rows}

    # What happens, and what it costs

    @property
    def month(self) -> tuple[datetime.date, datetime.date]:
        """The first and the last day of this month."""
        today = local_day(self.at)
        _, days = calendar.monthrange(today.year, today.month)
        return today.replace(day=1), today.replace(day=days)

    @cached_property
    def sittings(self) -> list[Sitting]:
        found = Sitting.objects.visible_with(self.memberships).held_between(*self.month)
        if place := self.said.get("jurisdiction"):
            found = found.examining(place)
        counted = found.with_facts().annotate(points=Count("items"))
        return list(counted.order_by("held_on", "starts_at", "pk"))

    @cached_property
    def budget(self) -> "Budget":
        """What became of the credits of the year, or of the latest that has some."""
        wanted = self.said.get("until") or local_day(self.at)
        year = next((y for y in programme.years() if y <= wanted.year), None)
        place = self.said.get("jurisdiction", "")
        spent = programme.spent_by_scheme(year, place) if year else {}
        return Budget(year, spent)


@dataclass(frozen=True, slots=True)
class Budget:
    """The credits of a year, scheme by scheme."""

    year: int | None
    spent: Mapping[Scheme, Mapping[str, int]] = field(default_factory=dict)
