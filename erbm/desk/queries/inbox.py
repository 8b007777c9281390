"""What one person finds in her inbox at one moment."""

import datetime
import functools
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from django.db.models import Q, QuerySet, prefetch_related_objects

from erbm.cases import rooms
from erbm.desk.queries import communes
from erbm.operations.models import Operation
from workflow import delegations, inbox, marks, paging
from workflow.deadlines import end_of, start_of
from workflow.inbox import Box, Sort
from workflow.marks import Marks
from workflow.models import Delegation, Membership, Substitution, Task
from workflow.models.journeys import TaskQuerySet
from workflow.paging import Order, Page

MOST_TO_PREPARE = 50
BOTH = {
    "jurisdiction": "jurisdiction__code",
    "stage": "stage",
    "priority": "priority",
    "amount_from": "amount_cents__gte",
    "amount_to": "amount_cents__lte",
}
TASKS = BOTH | {"kind": "kind"}
CASES = BOTH | {"kind": "process"}


@dataclass(frozen=True)
class Inbox:
    """
    The boxes of a person, reduced and sorted as she said.

    Counts are reduced too: a box counts what it would show.
    """

    by: Any
    memberships: Sequence[Membership]
    at: datetime.datetime
    said: Mapping[str, Any]

    @cached_property
    def excluded(self) -> inbox.Excluded:
        """What the person is asked and may not answer, read once for all the boxes."""
        return inbox.excluded(self.by, self.memberships)

    def holds(self, box: Box) -> "QuerySet[Any]":
        """Return the tasks of a box; the cases, if it is of those one follows."""
        return inbox.sortable(self._held(box, self.memberships), box, self.sort)

    def _parts(
        self, box: Box, shares: Sequence[Sequence[Membership]]
    ) -> "list[QuerySet[Any]]":
        """Return the same, share by share of the memberships."""
        return [self._held(box, share) for share in shares]

    def _held(self, box: Box, memberships: Sequence[Membership]) -> "QuerySet[Any]":
        found = inbox.contents(
            box, by=self.by, memberships=memberships, at=self.at, but=self.excluded
        )
        if box is Box.FOLLOWED:
            return _reduced(found, self.said, CASES, case="pk")
        return _in_time(
            _reduced(found, self.said, TASKS, case="case"), self.said, self.at
        )

    def tasks(self, box: Box) -> TaskQuerySet:
        """Return the tasks of a box; none of those of the cases one only follows."""
        if box is Box.FOLLOWED:
            return Task.objects.none()
        return cast("TaskQuerySet", self.holds(box))

    @cached_property
    def counts(self) -> dict[Box, int]:
        held = self.memberships
        return inbox.counts(
            {box: self._parts(box, inbox.shares_to_count(box, held)) for box in Box}
        )

    def box(self, wanted: str) -> Box:
        """Return the box asked for, else the first that has something to do."""
        try:
            return Box(wanted)
        except ValueError:
            return Box.MINE if self.counts[Box.MINE] else Box.UNITS

    @property
    def sort(self) -> Sort:
        return Sort(self.said.get("sort") or Sort.DUE)

    def order(self, box: Box) -> Order:
        return inbox.order_of(box, self.sort)

    def page(self, box: Box, *, size: int, **place: Any) -> "Page[Any]":
        """Read one page of a box."""
        found, order = self.holds(box), self.order(box)
        if box is Box.FOLLOWED:
            shown = found.select_related("jurisdiction")
            return paging.read(shown, order, size=size, **place)
        parts = [
            inbox.sortable(part, box, self.sort)
            for part in self._parts(box, inbox.shares(box, self.memberships))
        ]
        read = inbox.page(found, size=size, order=order, parts=parts, **place)
        # Read apart: hardly any clock is stopped, and every page would pay for it.
        stopped = [task for task in read.rows if task.is_stopped]
        prefetch_related_objects(stopped, "stopped_by__text")
        return read

    def marks(self, box: Box, rows: Sequence[Any]) -> Marks:
        """Return what the person marked of what a page shows."""
        if box is Box.FOLLOWED:
            return Marks(followed=frozenset(case.pk for case in rows))
        return marks.marks_of(
            self.by,
            self.at,
            cases=[task.case_id for task in rows],
            tasks=[task.pk for task in rows],
        )

    def acting_for(self, box: Box, rows: Sequence[Any]) -> dict[int, Any]:
        """Return, by task, the person in whose name one would answer it."""
        if box in {Box.FOLLOWED, Box.DONE}:
            return {}
        found = {t.pk: inbox.principal_of(t, self.memberships) for t in rows}
        return {pk: principal for pk, principal in found.items() if principal}

    @property
    def absences(self) -> list[Substitution]:
        """Return whom the person stands in for, and until when."""
        lent = (one.substitution for one in self.memberships)
        return list({one.pk: one for one in lent if one is not None}.values())

    @cached_property
    def to_prepare(self) -> list[Delegation]:
        """Return what the person is asked to prepare, the most urgent first."""
        asked = delegations.awaited_of(self.by, self.memberships)
        shown = asked.select_related("task", "by", "to_unit")
        return list(shown.order_by("due_on", "asked_at")[:MOST_TO_PREPARE])

    def has_known(self, task_id: int) -> bool:
        """Tell whether a task, open or not, was asked of the person."""
        return inbox.addressed_to(self.memberships).filter(pk=task_id).exists()


def _reduced(
    found: "QuerySet[Any]",
    said: Mapping[str, Any],
    columns: Mapping[str, str],
    *,
    case: str,
) -> "QuerySet[Any]":
    for name, column in columns.items():
        if value := said.get(name):
            found = found.filter(**{column: value})
    if text := said.get("q"):
        found = found.filter(_about(Operation.objects.matching(text), case))
    if epci := said.get("epci"):
        there = Operation.objects.filter(communes__epci__siren=epci)
        found = found.filter(_about(there, case))
    if commune := said.get("commune"):
        there = Operation.objects.located_in(communes.meant_by(commune))
        found = found.filter(_about(there, case))
    return found


def _about(operations: "QuerySet[Operation]", case: str) -> Q:
    """Keep what is about some operations, whatever the procedure."""
    parts = [room.about(operations) for room in rooms.rooms() if room.about]
    kept = [Q(**{f"{case}__in": part.values("pk")}) for part in parts]
    return functools.reduce(operator.or_, kept)


def _in_time(
    tasks: "QuerySet[Any]", said: Mapping[str, Any], at: datetime.datetime
) -> "QuerySet[Any]":
    if since := said.get("due_from"):
        tasks = tasks.filter(sort_at__gte=start_of(since))
    if until := said.get("due_to"):
        tasks = tasks.filter(sort_at__lte=end_of(until))
    if days := said.get("waiting"):
        asked_before = at - datetime.timedelta(days=int(days))
        tasks = tasks.filter(created__lte=asked_before)
    return tasks
