"""What waits for a person: the tasks she may act on, and no other, counts included."""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db.models import Q

from workflow.models import Membership, Task
from workflow.models.journeys import TaskQuerySet

COUNT_UP_TO = 1_000


class Box(Enum):
    """The four ways to look at one's tasks."""

    MINE = "mine"
    UNITS = "units"
    OVERDUE = "overdue"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place of a task in the order of the inbox."""

    sort_at: datetime.datetime
    id: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the inbox, and where the next one starts."""

    tasks: Sequence[Task]
    next: Cursor | None


def addressed_to(memberships: Iterable[Membership]) -> TaskQuerySet:
    """Return the tasks, open or not, asked of the roles that these memberships give."""
    condition = Q(pk__in=[])
    for membership in memberships:
        held = Q(unit=membership.unit_id, role=membership.role)
        if membership.jurisdiction_id is not None:
            held &= Q(jurisdiction=membership.jurisdiction_id)
        condition |= held
    return Task.objects.filter(condition)


def tasks_in(
    box: Box, *, by: Any, memberships: Sequence[Membership], at: datetime.datetime
) -> TaskQuerySet:
    """Return the tasks of a box, for a person and what she holds now."""
    addressed = addressed_to(memberships)
    match box:
        case Box.MINE:
            return addressed.open().filter(owner=by)
        case Box.UNITS:
            return addressed.open()
        case Box.OVERDUE:
            return addressed.overdue(at)
        case Box.DONE:
            return Task.objects.filter(completed_by=by)


def page(tasks: TaskQuerySet, *, size: int, after: Cursor | None = None) -> Page:
    """Read one page in the order of urgency, from a cursor rather than an offset."""
    ordered = tasks.select_related("unit", "owner", "jurisdiction").order_by(
        "sort_at", "id"
    )
    if after is not None:
        ordered = ordered.filter(
            Q(sort_at__gt=after.sort_at) | Q(sort_at=after.sort_at, id__gt=after.id)
        )
    found = list(ordered[: size + 1])
    if len(found) <= size:
        return Page(found, None)
    last = found[size - 1]
    return Page(found[:size], Cursor(last.sort_at, last.pk))


def count(tasks: TaskQuerySet) -> int:
    """Count up to `COUNT_UP_TO`, and say one more when there are more."""
    return tasks.order_by()[: COUNT_UP_TO + 1].count()
