"""What a sub-prefect finds of her arrondissement, between two meetings."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, Min

from erbm.committees.models import AgendaItem, Body, Sitting
from erbm.desk.queries import operations
from erbm.operations.models import Operation
from erbm.operations.models.operations import OperationQuerySet
from flows.operation import State
from flows.roles import Role
from flows.sitting.lifecycle import LIVE
from workflow.deadlines import local_day
from workflow.models import Jurisdiction, Membership, Task

LISTED = 50
"""What a telephone shows of a list; what is beyond is in the list itself."""


@dataclass(frozen=True, slots=True)
class Stuck:
    """What one unit is late with, in one arrondissement."""

    unit: str
    name: str
    jurisdiction: str
    place: str
    operations: int
    since: datetime.datetime


@dataclass(frozen=True, slots=True)
class Next:
    """The next sitting of a body that she chairs; none if none is planned."""

    body: Body
    sitting: Sitting | None
    items: Sequence[AgendaItem] = ()


@dataclass(frozen=True)
class Desk:
    """What waits where a person is the sub-prefect, or acts for the one who is."""

    memberships: Sequence[Membership]
    at: datetime.datetime

    @cached_property
    def held(self) -> list[Membership]:
        return [one for one in self.memberships if one.role == Role.SUB_PREFECT]

    @cached_property
    def places(self) -> list[Jurisdiction]:
        """Her arrondissements; none if she has no bounds."""
        if any(one.jurisdiction_id is None for one in self.held):
            return []
        ids = {one.jurisdiction_id for one in self.held if one.jurisdiction_id}
        return list(Jurisdiction.objects.filter(pk__in=ids).order_by("name"))

    @cached_property
    def known(self) -> OperationQuerySet:
        found = Operation.objects.visible_with(self.held)
        if self.places:
            found = found.filter(case__jurisdiction__in=self.places)
        return found

    @cached_property
    def arbitrations(self) -> list[Operation]:
        """What waits for her to decide, the oldest first."""
        asked = {"state": State.ARBITRATION}
        found = operations.reduced(self.known, asked, self.at)
        shown = found.select_related("case__jurisdiction", "owner")
        return list(shown.order_by("case__changed_at", "pk")[:LISTED])

    @cached_property
    def bodies(self) -> list[Body]:
        units = {one.unit_id for one in self.held}
        chaired = Body.objects.in_service().filter(
            seats__unit__in=units, seats__role=Role.SUB_PREFECT
        )
        return list(chaired.distinct().order_by("pk"))

    @cached_property
    def sittings(self) -> list[Next]:
        """The next sitting of each body that she chairs, and its agenda."""
        first: dict[int, Sitting] = {}
        live = Sitting.objects.filter(
            body__in=self.bodies,
            case__state__in=LIVE,
            held_on__gte=local_day(self.at),
        ).with_facts()
        for sitting in live.order_by("held_on", "starts_at", "pk"):
            first.setdefault(sitting.body_id, sitting)
        agendas = self._agendas(list(first.values()))
        return [
            Next(body, first.get(body.pk), agendas.get(body.pk, ()))
            for body in self.bodies
        ]

    def _agendas(self, sittings: Sequence[Sitting]) -> dict[int, list[AgendaItem]]:
        """Return the items of some sittings, by body."""
        agendas: dict[int, list[AgendaItem]] = {}
        items = AgendaItem.objects.filter(sitting__in=sittings).select_related(
            "sitting", "operation__case", "operation__owner"
        )
        for item in items.order_by("position", "pk"):
            agendas.setdefault(item.sitting.body_id, []).append(item)
        return agendas

    @cached_property
    def stuck(self) -> list[Stuck]:
        """What is late, unit by unit: the one that holds up the most comes first."""
        tasks = Task.objects.overdue(self.at).filter(
            case__in=self.known.order_by().values("pk")
        )
        rows = (
            tasks.order_by()
            .values_list(
                "unit__code",
                "unit__short_name",
                "jurisdiction__code",
                "jurisdiction__name",
            )
            .annotate(some=Count("case", distinct=True), since=Min("sort_at"))
            .order_by("-some", "since", "unit__code")
        )
        return [Stuck(*row) for row in rows]

    @cached_property
    def late(self) -> int:
        """How many operations are late, whoever it is because of."""
        return operations.reduced(self.known, {"late": "1"}, self.at).count()
