"""The conditions of an operation, those of a list, and the sheet of one."""

import datetime
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Q

from erbm.cases.sheets import CaseSheet
from erbm.obligations.models import Obligation, Proof
from erbm.obligations.models.obligations import ObligationQuerySet
from erbm.operations.models import Condition, Operation
from workflow.deadlines import local_day
from workflow.models import Membership, Task
from workflow.paging import Order

BY_DUE_DAY = Order(("due_on", "case_id"))
COLUMNS = {
    "origin": "origin",
    "jurisdiction": "case__jurisdiction__code",
    "debtor": "debtor",
    "due_from": "due_on__gte",
    "due_to": "due_on__lte",
}
OVERDUE, RUNNING = "overdue", "running"
"""What a list may be reduced to beside a state: the late ones, those still owed."""


class ObligationSheet(CaseSheet):
    """A condition as one person sees it at one moment."""

    def __init__(self, obligation: Obligation, **seen: Any) -> None:
        super().__init__(obligation, **seen)
        self.obligation = obligation

    @cached_property
    def proofs(self) -> list[Proof]:
        return list(self.obligation.proofs.select_related("added_by").order_by("-pk"))

    @property
    def is_overdue(self) -> bool:
        return self.obligation.is_overdue(local_day(self.at))


def demanded(operation: Operation) -> list[Condition]:
    """Return the conditions that services asked for and that nobody has accepted."""
    asked = Condition.objects.filter(opinion__operation=operation, obligation=None)
    return list(asked.select_related("opinion__unit").order_by("due_on", "pk"))


def of_operation(operation: Operation) -> list[Obligation]:
    """Return what an operation owes, and what it has met."""
    found = operation.obligations.with_facts()
    return list(found.order_by("due_on", "pk"))


def known(
    memberships: Collection[Membership],
    said: Mapping[str, Any],
    at: datetime.datetime,
) -> ObligationQuerySet:
    """Return the conditions that memberships let know of, reduced by filters."""
    found = Obligation.objects.visible_with(memberships)
    for name, column in COLUMNS.items():
        if value := said.get(name):
            found = found.filter(**{column: value})
    match said.get("state", ""):
        case "":
            pass
        case "overdue":
            found = found.overdue(local_day(at))
        case "running":
            found = found.running()
        case state:
            found = found.filter(case__state=state)
    return _asked(found, said, at)


def _asked(
    found: ObligationQuerySet, said: Mapping[str, Any], at: datetime.datetime
) -> ObligationQuerySet:
    """Keep those in which a word is written, and of which a step asks something."""
    if text := said.get("q"):
        found = found.filter(
            Q(wording__icontains=text)
            | Q(case__reference__iexact=text)
            | Q(operation__case__reference__iexact=text)
            | Q(operation__case__title__icontains=text)
        )
    if not said.get("step") and not said.get("late"):
        return found
    tasks = Task.objects.overdue(at) if said.get("late") else Task.objects.open()
    if step := said.get("step"):
        tasks = tasks.filter(step=step)
    return found.filter(Exists(tasks.filter(case=OuterRef("case"))))
