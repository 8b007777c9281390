"""The operations that one person may know of, reduced and sorted."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef

from erbm.desk.queries import communes, dwellings
from erbm.desk.steps import PIPELINE
from erbm.operations.models import Operation
from erbm.operations.models.operations import OperationQuerySet
from workflow.deadlines import end_of, start_of
from workflow.models import Membership, Task
from workflow.paging import Order

RUNNING = "running"
"""The five stages of the pipeline together."""


@dataclass(frozen=True, slots=True)
class Sorting:
    """One way to sort the list."""

    label: str
    order: Order


IDLE = (30, 90, 180, 365)
"""For how many days an operation has not changed, as lists and figures ask it."""

RELEVANCE = Sorting(
    "Pertinence",
    Order(("score", "case__changed_at", "case_id"), descending=True),
)
ORDERS = {
    "latest": Sorting("Date", Order(("case__changed_at", "case_id"), descending=True)),
    "amount": Sorting(
        "Montant", Order(("case__amount_cents", "case_id"), descending=True)
    ),
    "reference": Sorting("Référence", Order(("case__reference",))),
}
COLUMNS = {
    "jurisdiction": "case__jurisdiction__code",
    "stage": "case__stage",
    "state": "case__state",
    "version": "case__process_version",
    "kind": "kind",
    "theme": "theme__code",
}


def sorted_for(
    found: OperationQuerySet, said: Mapping[str, Any]
) -> tuple[OperationQuerySet, Sorting]:
    """Return what to show and in which order: the likeliest first in a search."""
    text = said.get("q", "")
    if text and "sort" not in said:
        return found.ranked_by(text), RELEVANCE
    return found, ORDERS[said.get("sort", "latest")]


def known(
    memberships: Sequence[Membership], said: Mapping[str, Any], at: datetime.datetime
) -> OperationQuerySet:
    """Return the operations that memberships let know of, reduced by filters."""
    return reduced(Operation.objects.visible_with(memberships), said, at)


def reduced(
    found: OperationQuerySet, said: Mapping[str, Any], at: datetime.datetime
) -> OperationQuerySet:
    """Keep the operations that filters ask for."""
    for name, column in COLUMNS.items():
        if value := said.get(name):
            values = PIPELINE if value == RUNNING else (value,)
            found = found.filter(**{f"{column}__in": values})
    if commune := said.get("commune"):
        found = found.located_in(communes.meant_by(commune))
    found = _at_times(_with_dwellings(found, said), said, at)
    return _asked(found, said, at).matching(said.get("q", ""))


def _at_times(
    found: OperationQuerySet, said: Mapping[str, Any], at: datetime.datetime
) -> OperationQuerySet:
    if since := said.get("since"):
        found = found.filter(case__opened_at__gte=start_of(since))
    if until := said.get("until"):
        found = found.filter(case__opened_at__lte=end_of(until))
    if days := said.get("idle"):
        unchanged_since = at - datetime.timedelta(days=int(days))
        found = found.filter(case__changed_at__lte=unchanged_since)
    return found


def _with_dwellings(
    found: OperationQuerySet, said: Mapping[str, Any]
) -> OperationQuerySet:
    if measure := said.get("dwellings"):
        found = dwellings.counted(found, measure)
    if year := said.get("ends_in"):
        found = dwellings.ending_in(found, year)
    return found


def _asked(
    found: OperationQuerySet, said: Mapping[str, Any], at: datetime.datetime
) -> OperationQuerySet:
    """Keep the operations of which something is asked, or something late."""
    if not any(said.get(name) for name in ("step", "late", "unit")):
        return found
    tasks = Task.objects.overdue(at) if said.get("late") else Task.objects.open()
    if step := said.get("step"):
        tasks = tasks.filter(step=step)
    if unit := said.get("unit"):
        tasks = tasks.filter(unit__code=unit)
    return found.filter(Exists(tasks.filter(case=OuterRef("case"))))
