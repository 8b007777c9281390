"""The calendar of public events, as one person may read it."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass

from erbm.communication.models import PublicEvent
from erbm.operations.models import Operation
from flows.roles import Role
from workflow.deadlines import start_of
from workflow.models import Membership, Unit
from workflow.standing import Standing

LATEST = 5
ANNOUNCERS = (
    Role.OWNER,
    Role.LEAD_SERVICE,
    Role.SUB_PREFECT,
    Role.PREFECT,
    Role.PROJECT_DIRECTOR,
)
"""Who may show an operation; the first that a person holds says for which unit."""


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the calendar, and those around it; all by their first days."""

    first: datetime.date

    @property
    def previous(self) -> datetime.date:
        return (self.first - datetime.timedelta(days=1)).replace(day=1)

    @property
    def next(self) -> datetime.date:
        return (self.first + datetime.timedelta(days=31)).replace(day=1)

    def events(self, memberships: Collection[Membership]) -> list[PublicEvent]:
        """Return what begins in the month, of the operations one may know of."""
        known = Operation.objects.visible_with(memberships)
        first, last = start_of(self.first), start_of(self.next)
        found = PublicEvent.objects.on_operations(known).between(first, last).told()
        return list(found.order_by("starts_at", "pk"))


def of_operation(operation_id: int) -> list[PublicEvent]:
    """Return the latest events of an operation, those to come first."""
    found = PublicEvent.objects.filter(operation=operation_id).select_related(
        "organiser"
    )
    return list(found.order_by("-starts_at", "-pk")[:LATEST])


def organiser_for(standing: Standing) -> Unit | None:
    """Return the unit for which a person may invite, none if she may not."""
    role = standing.first_held(ANNOUNCERS)
    return standing.held[role][0] if role else None
