"""What the rules of a body must be so that it can sit, and how they are changed."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from erbm.committees.decisions import BodyKind
from erbm.committees.models import Body, BodyVersion, Seat
from flows.roles import Role
from flows.sitting.lifecycle import SECRETARIES
from workflow.models import Unit
from workflow.refusals import Ground, Refusal

MOST_DAYS = 90
MOST_PROXIES = 20
BOUNDS = {
    "freeze_days": MOST_DAYS,
    "notice_days": MOST_DAYS,
    "proxies_most": MOST_PROXIES,
}
CHAIRED_BY: Mapping[str, tuple[Role, ...]] = {
    BodyKind.COMMITTEE: (Role.SUB_PREFECT,),
    BodyKind.COPIL: (Role.COPIL_STATE, Role.COPIL_REGION),
    BodyKind.FINANCERS: (Role.FUNDER,),
}
"""Who must have a seat: without them a sitting could not be closed."""


@dataclass(frozen=True, slots=True)
class SeatSaid:
    """A seat as somebody wants it."""

    unit_id: int
    role: str
    has_vote: bool = False


@dataclass(frozen=True, slots=True)
class RulesChange:
    """New values of some rules of a body, and all its seats, in their order."""

    values: Mapping[str, Any]
    seats: Sequence[SeatSaid]


def rewritten(
    body: Body,
    former: BodyVersion,
    change: RulesChange,
    by: Any,
    at: datetime.datetime,
) -> BodyVersion:
    """
    Put rules and seats in force, and return the version that says so, not yet saved.
    """
    for name, value in change.values.items():
        setattr(body, name, value)
    body.save()
    body.seats.all().delete()
    Seat.objects.bulk_create(
        Seat(
            body=body,
            unit_id=one.unit_id,
            role=one.role,
            has_vote=one.has_vote,
            rank=rank,
        )
        for rank, one in enumerate(change.seats)
    )
    return BodyVersion(
        body=body, version=former.version + 1, author=by, at=at, **body.ruled()
    )


def contradictions(body: Body, change: RulesChange) -> Iterator[Refusal]:
    """Say which rules or seats would keep a body from sitting."""
    for name, most in BOUNDS.items():
        value = change.values.get(name)
        if value is not None and value > most:
            yield Refusal(Ground.INPUT, f"{most} au plus.", field=name)
    yield from _invalid(body, change)
    held = {one.role for one in change.seats}
    for role in CHAIRED_BY[body.kind]:
        if role not in held:
            yield Refusal(Ground.INPUT, f"Il manque un siège : {role.label}.")
    if not held.intersection(SECRETARIES):
        who = " ou ".join(role.label for role in SECRETARIES)
        yield Refusal(Ground.INPUT, f"Personne n’en tient le secrétariat : {who}.")
    if not any(one.has_vote for one in change.seats):
        yield Refusal(Ground.INPUT, "Aucun siège n’a de voix délibérative.")
    yield from _misplaced(change.seats)


def _invalid(body: Body, change: RulesChange) -> Iterator[Refusal]:
    """Say which values the table would not take."""
    tried = Body(pk=body.pk, code=body.code, name=body.name, kind=body.kind)
    tried.jurisdiction_id = body.jurisdiction_id
    for name, value in change.values.items():
        setattr(tried, name, value)
    try:
        tried.full_clean(validate_unique=False)
    except ValidationError as invalid:
        for field, messages in invalid.message_dict.items():
            for message in messages:
                yield Refusal(Ground.INPUT, message, field=field)


def _misplaced(seats: Sequence[SeatSaid]) -> Iterator[Refusal]:
    units = Unit.objects.in_bulk([one.unit_id for one in seats])
    seen: set[tuple[int, str]] = set()
    for one in seats:
        unit = units.get(one.unit_id)
        if unit is None or not unit.is_active:
            yield Refusal(Ground.INPUT, "Un siège revient à une unité qui n’agit plus.")
        elif (one.unit_id, one.role) in seen:
            yield Refusal(Ground.INPUT, f"{unit} tient deux fois le même siège.")
        seen.add((one.unit_id, one.role))
    chairs = {one.role: one.unit_id for one in seats}
    shared = chairs.get(Role.COPIL_STATE)
    if shared is not None and shared == chairs.get(Role.COPIL_REGION):
        why = "Les deux coprésidents sont de deux institutions."
        yield Refusal(Ground.INPUT, why)
