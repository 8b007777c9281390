"""What waits for a person: the tasks she may act on, and no other, counts included."""

import datetime
import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db.models import Case as Switch
from django.db.models import (
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    SmallIntegerField,
    Value,
    When,
)

from workflow import paging
from workflow.cases import bound_processes
from workflow.deadlines import LOCAL
from workflow.exclusions import Excluded, excluded
from workflow.models import Case, Membership, Snooze, Task
from workflow.models.decisions import apart_from_conflicts
from workflow.models.journeys import TaskQuerySet
from workflow.paging import Cursor, Order, Page
from workflow.standing import known

__all__ = [
    "Box",
    "Cursor",
    "Excluded",
    "Page",
    "Sort",
    "addressed_to",
    "cases_followed",
    "contents",
    "counts",
    "excluded",
    "order_of",
    "page",
    "shares",
    "shares_to_count",
    "sortable",
    "tasks_in",
]


class Box(Enum):
    """The ways to look at what one is asked, follows and did."""

    MINE = "mine"
    LATER = "later"
    UNITS = "units"
    OVERDUE = "overdue"
    FOLLOWED = "followed"
    DONE = "done"


class Sort(Enum):
    """What one may sort a box by."""

    DUE = "due"
    WAITING = "waiting"
    AMOUNT = "amount"
    PRIORITY = "priority"
    STAGE = "stage"
    KIND = "kind"
    PLACE = "place"


COMPUTED = "sorted_by"
"""Under which name `sortable` computes what no column holds."""

TASKS = {
    Sort.DUE: Order(("sort_at", "id")),
    Sort.WAITING: Order(("created", "id")),
    Sort.AMOUNT: Order(("amount_cents", "id"), descending=True),
    Sort.PRIORITY: Order(("priority", "sort_at", "id")),
    Sort.STAGE: Order((COMPUTED, "sort_at", "id")),
    Sort.KIND: Order(("kind", "sort_at", "id")),
    Sort.PLACE: Order((COMPUTED, "sort_at", "id")),
}
CASES = {
    Sort.AMOUNT: Order(("amount_cents", "id"), descending=True),
    Sort.PRIORITY: Order(("priority", "id")),
    Sort.STAGE: Order((COMPUTED, "id")),
    Sort.KIND: Order(("process", "id")),
    Sort.PLACE: Order((COMPUTED, "id")),
}
LATEST_CHANGED = Order(("changed_at", "id"), descending=True)
LATEST_DONE = Order(("finished", "id"), descending=True)


def order_of(box: Box, sort: Sort = Sort.DUE) -> Order:
    """Return the order of a box: what is done comes latest first, whatever is asked."""
    match box:
        case Box.DONE:
            return LATEST_DONE
        case Box.FOLLOWED:
            return CASES.get(sort, LATEST_CHANGED)
        case _:
            return TASKS[sort]


def sortable(found: "QuerySet[Any]", box: Box, sort: Sort) -> "QuerySet[Any]":
    """Compute what the order of a box needs, if no column of it holds it."""
    if COMPUTED not in order_of(box, sort).columns:
        return found
    by = F("jurisdiction__name") if sort is Sort.PLACE else _stage_rank()
    computed: QuerySet[Any] = found.annotate(**{COMPUTED: by})
    return computed


def _stage_rank() -> Switch:
    """Rank the stages as procedures declare them, the longest pipeline first."""
    declared = [
        dict.fromkeys(map(str, process.stages.values()))
        for process in bound_processes()
    ]
    declared.sort(key=len, reverse=True)
    stages = dict.fromkeys(itertools.chain.from_iterable(declared))
    whens = [When(stage=name, then=Value(rank)) for rank, name in enumerate(stages)]
    last, whole = Value(len(whens)), SmallIntegerField()
    return Switch(*whens, default=last, output_field=whole)


def addressed_to(memberships: Iterable[Membership]) -> TaskQuerySet:
    """Return the tasks, open or not, asked of the roles that these memberships give."""
    return Task.objects.filter(_addressed(memberships))


def _addressed(memberships: Iterable[Membership], but: Excluded | None = None) -> Q:
    # The units of a same role together: somebody may hold it in a dozen of them, and
    # a database takes longer to read a dozen conditions than to apply one.
    units: dict[_Power, set[int]] = {}
    for held in memberships:
        lent = held.substitution
        among = tuple(lent.processes) if lent else ()
        power = _Power(held.role, held.jurisdiction_id, among, held.principal)
        units.setdefault(power, set()).add(held.unit_id)
    condition = Q(pk__in=[])
    for power, some in units.items():
        mine = Q(role=power.role, unit__in=sorted(some)) & power.bounds
        condition |= mine & _apart(power.principal, but)
    return condition


@dataclass(frozen=True, slots=True)
class _Power:
    """What several memberships share: a role, and how far it reaches."""

    role: str
    jurisdiction_id: int | None
    processes: tuple[str, ...]
    principal: Any

    @property
    def bounds(self) -> Q:
        bounds = Q()
        if self.jurisdiction_id is not None:
            bounds &= Q(jurisdiction=self.jurisdiction_id)
        if self.processes:
            bounds &= Q(kind__in=self.processes)
        return bounds


def _apart(principal: Any, but: Excluded | None) -> Q:
    """Leave out what the person for whom one would act may not answer."""
    if principal is None:
        return Q()
    return but.bounds(principal) if but else apart_from_conflicts(principal)


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
    box: Box,
    *,
    by: Any,
    memberships: Sequence[Membership],
    at: datetime.datetime,
    but: Excluded | None = None,
) -> TaskQuerySet:
    """
    Return the tasks of a box, for a person and what she holds now.

    What she did stays in her inbox for as long as she may know of the case. What she
    may not answer, by a conflict of interest or because it wants other eyes, is not
    in it: `but` says what, if it has been read.
    """
    if box is Box.DONE:
        return _done(by, memberships)
    but = excluded(by, memberships) if but is None else but
    mine = _addressed(memberships, but) & but.bounds(by)
    addressed = Task.objects.filter(mine)
    put_off = Snooze.objects.filter(
        user=by, task=OuterRef("pk"), until__gt=at.astimezone(LOCAL).date()
    )
    match box:
        case Box.MINE:
            return addressed.open().filter(~Exists(put_off), owner=by)
        case Box.LATER:
            return addressed.open().filter(Exists(put_off), owner=by)
        case Box.UNITS:
            return addressed.open()
        case Box.OVERDUE:
            return addressed.overdue(at)
        case _:
            raise ValueError("One follows cases, not tasks.")


def _done(by: Any, memberships: Sequence[Membership]) -> TaskQuerySet:
    """
    Return what a person did on the cases that she may still know of.

    Who acts for the unit that was asked knows of its case: only for the others are
    the readers and the parties of the case looked up.
    """
    return Task.objects.filter(
        _addressed(memberships) | known(memberships, case="case"), completed_by=by
    )


def cases_followed(*, by: Any, memberships: Sequence[Membership]) -> QuerySet[Case]:
    """Return the cases that a person follows, of those she may still know of."""
    return Case.objects.filter(known(memberships), followers__user=by)


def contents(
    box: Box,
    *,
    by: Any,
    memberships: Sequence[Membership],
    at: datetime.datetime,
    but: Excluded | None = None,
) -> "QuerySet[Any]":
    """Return what a box holds: the cases that one follows, tasks everywhere else."""
    if box is Box.FOLLOWED:
        return cases_followed(by=by, memberships=memberships)
    return tasks_in(box, by=by, memberships=memberships, at=at, but=but)


def page(
    tasks: "QuerySet[Task]",
    *,
    size: int,
    order: Order = TASKS[Sort.DUE],
    parts: "Sequence[QuerySet[Task]]" = (),
    after: Cursor | None = None,
    before: Cursor | None = None,
) -> Page[Task]:
    """
    Read one page of tasks, in an order, from a cursor rather than an offset.

    `parts` are those that `shares` makes of it, if it makes any.
    """
    shown = tasks.select_related("unit", "owner", "jurisdiction")
    return paging.read(shown, order, size=size, after=after, before=before, parts=parts)


def counts(boxes: "Mapping[Box, Sequence[QuerySet[Any]]]") -> dict[Box, int]:
    """
    Count boxes with one statement, each given as its parts, as `paging` does.

    They are those that `shares_to_count` makes of it.
    """
    return dict(zip(boxes, paging.counts(list(boxes.values())), strict=True))


def shares(box: Box, memberships: Sequence[Membership]) -> list[list[Membership]]:
    """
    Sort memberships out so that each share of them has its own part of a box.

    An index sorts what is asked of one unit in one role, and no more than that.
    """
    return _sorted_out(box, memberships, lambda held: (held.unit_id, held.role))


def shares_to_count(
    box: Box, memberships: Sequence[Membership]
) -> list[list[Membership]]:
    """
    Sort memberships out in fewer shares, whose parts are in no order.

    Somebody may hold the same role in a dozen units: to plan as many parts takes a
    database longer than to count them.
    """
    return _sorted_out(box, memberships, lambda held: held.role)


def _sorted_out(
    box: Box, memberships: Sequence[Membership], key: Callable[[Membership], Any]
) -> list[list[Membership]]:
    if box not in {Box.UNITS, Box.OVERDUE}:
        return [list(memberships)]
    found: dict[Any, list[Membership]] = {}
    for held in memberships:
        found.setdefault(key(held), []).append(held)
    return list(found.values()) or [[]]
