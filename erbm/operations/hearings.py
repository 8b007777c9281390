"""Who is heard on an operation: what each service said, or its silence says."""

import datetime
from dataclasses import dataclass

from erbm.operations.models import Direction, Operation, Opinion
from flows.hearings import OPINIONS
from flows.roles import Role
from workflow import consultations
from workflow.consultations import Asked
from workflow.models import Membership, Task, Unit


@dataclass(frozen=True, slots=True)
class Consulted:
    """A unit whose opinion was asked, and what it said if it has.

    - `is_late`: it said so after its time;
    - `deemed`: what its silence says, if its time has run out.
    """

    unit: Unit
    task: Task | None
    opinion: Opinion | None
    is_late: bool = False
    deemed: str = ""

    @property
    def has_reservations(self) -> bool:
        """Tell whether it was not simply favourable."""
        reserved = {Direction.WITH_RESERVATIONS, Direction.UNFAVOURABLE}
        return self.opinion is not None and self.opinion.direction in reserved


def heard(operation: Operation, on: datetime.date) -> list[Consulted]:
    """Return the opinions given, then those awaited and those that never came."""
    given = operation.opinions.select_related("unit", "given_by").prefetch_related(
        "conditions"
    )
    opinions = list(given.order_by("given_on", "pk"))
    asked = {one.unit: one for one in consultations.asked(operation.case, OPINIONS)}
    answered = {opinion.unit for opinion in opinions}
    silent = [unit for unit in asked if unit not in answered]
    return [
        *(_heard(one.unit, asked.get(one.unit), one, on) for one in opinions),
        *(_heard(unit, asked[unit], None, on) for unit in silent),
    ]


def _heard(
    unit: Unit, asked: Asked | None, opinion: Opinion | None, on: datetime.date
) -> Consulted:
    if asked is None:
        return Consulted(unit, None, opinion)
    deemed = asked.standing(OPINIONS, on).deemed
    return Consulted(
        unit,
        asked.task,
        opinion,
        is_late=asked.is_late,
        deemed=deemed.deemed if deemed else "",
    )


def advisers(on: datetime.date) -> list[Unit]:
    """Return the services that give opinions."""
    members = Membership.objects.current(on).filter(role=Role.CONSULTED)
    return list(Unit.objects.filter(pk__in=members.values("unit")))
