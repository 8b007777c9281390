"""What waits for a person: the tasks she may act on, and no other, counts included."""

import datetime
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any

from django.db.models import Q

from workflow import paging
from workflow.models import Membership, Task
from workflow.models.decisions import apart_from_conflicts
from workflow.models.journeys import TaskQuerySet
from workflow.paging import Cursor, Order, Page
from workflow.standing import visible_cases

__all__ = ["Box", "Cursor", "Page", "addressed_to", "count", "page", "tasks_in"]

COUNT_UP_TO = 1_000


class Box(Enum):
    """The four ways to look at one's tasks."""

    MINE = "mine"
    UNITS = "units"
    OVERDUE = "overdue"
    DONE = "done"

    @property
    def order(self) -> Order:
        """The most urgent first, or the latest done."""
        if self is Box.DONE:
            return Order(("finished", "id"), descending=True)
        return Order(("sort_at", "id"))


def addressed_to(memberships: Iterable[Membership]) -> TaskQuerySet:
    """Return the tasks, open or not, asked of the roles that these memberships give."""
    condition = Q(pk__in=[])
    for membership in memberships:
        held = Q(unit=membership.unit_id, role=membership.role)
        if membership.jurisdiction_id is not None:
            held &= Q(jurisdiction=membership.jurisdiction_id)
        if membership.substitution and membership.substitution.processes:
            held &= Q(kind__in=membership.substitution.processes)
        if membership.principal:
            held &= apart_from_conflicts(membership.principal)
        condition |= held
    return Task.objects.filter(condition)


def principal_of(task: Task, memberships: Iterable[Membership]) -> Any:
    """Return the person for whom one would answer a task; none if it is one's own."""
    principals = [
        membership.principal
        for membership in memberships
        if (membership.unit_id, membership.role) == (task.unit_id, task.role)
        and membership.covers(task.jurisdiction_id)
        and membership.reaches(task.kind)
    ]
    return None if None in principals else next(iter(principals), None)


def tasks_in(
    box: Box, *, by: Any, memberships: Sequence[Membership], at: datetime.datetime
) -> TaskQuerySet:
    """
    Return the tasks of a box, for a person and what she holds now.

    What she did stays in her inbox for as long as she may know of the case. What
    waits on a case from which a conflict of interest keeps her away is not in it.
    """
    addressed = addressed_to(memberships).filter(apart_from_conflicts(by))
    match box:
        case Box.MINE:
            return addressed.open().filter(owner=by)
        case Box.UNITS:
            return addressed.open()
        case Box.OVERDUE:
            return addressed.overdue(at)
        case Box.DONE:
            return Task.objects.filter(
                completed_by=by, case__in=visible_cases(memberships)
            )


def page(
    tasks: TaskQuerySet,
    *,
    size: int,
    box: Box = Box.UNITS,
    after: Cursor | None = None,
    before: Cursor | None = None,
) -> Page[Task]:
    """Read one page of a box, in its order, from a cursor rather than an offset."""
    shown = tasks.select_related("unit", "owner", "jurisdiction")
    return paging.read(shown, box.order, size=size, after=after, before=before)


def count(tasks: TaskQuerySet) -> int:
    """Count up to `COUNT_UP_TO`, and say one more when there are more."""
    return tasks.order_by()[: COUNT_UP_TO + 1].count()
