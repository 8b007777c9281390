"""Stand in for somebody who is away: set by her or by a head of her unit, for days."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Q

from workflow import inputs
from workflow.cases import bound_processes
from workflow.deadlines import LOCAL
from workflow.models import EntryKind, Membership, Substitution, Unit
from workflow.models.people import SubstitutionQuerySet
from workflow.standing import headed_by
from workflow.trail import register

NOT_YOURS = (
    "Une suppléance est fixée par la personne absente, "
    "ou par un responsable de son unité."
)


class SubstitutionRefused(Exception):
    """The substitution is not set; `reasons` gives every reason, by field at fault."""

    def __init__(self, reasons: Sequence[tuple[str, str]]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(" ".join(message for _, message in reasons))


class SubstitutionNotFound(LookupError):
    """It does not exist, is over, is revoked, or is not the person's to revoke."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """
    Who is away, and who acts for her meanwhile.

    - `first_day`, `last_day`: both included;
    - `processes`: the names of the procedures; none means all;
    - `unit`: the unit of the head who sets it; none when the person sets it herself.
    """

    principal: Any
    substitute: Any
    first_day: datetime.date
    last_day: datetime.date
    processes: Sequence[str] = ()
    unit: Unit | None = None
    reason: str = ""


def substitute(*, absence: Absence, by: Any, at: datetime.datetime) -> Substitution:
    """
    Let somebody act in the name of a person who is away.

    :raises SubstitutionRefused: if anything forbids it; every reason is said
    """
    assert connection.in_atomic_block
    # Two that are set at once wait for each other, or neither would see the other.
    people = get_user_model()._default_manager
    people.select_for_update(of=("self",)).get(pk=absence.principal.pk)
    on = at.astimezone(LOCAL).date()
    if reasons := [*_rights(absence, by, on), *_reasons(absence, by, on)]:
        raise SubstitutionRefused(reasons)
    substitution = Substitution.objects.create(
        principal=absence.principal,
        substitute=absence.substitute,
        first_day=absence.first_day,
        last_day=absence.last_day,
        processes=sorted(absence.processes),
        unit=absence.unit,
        reason=absence.reason.strip(),
        set_by=by,
        set_at=at,
    )
    _note(EntryKind.SUBSTITUTION_SET, substitution, by, at)
    return substitution


def revoke(*, substitution_id: int, by: Any, at: datetime.datetime) -> Substitution:
    """
    End a substitution at once.

    :raises SubstitutionNotFound: if it is over, or not the person's to revoke
    """
    assert connection.in_atomic_block
    on = at.astimezone(LOCAL).date()
    running = Substitution.objects.select_for_update(of=("self",)).standing()
    found = (
        running.select_related("principal", "substitute", "unit")
        .filter(pk=substitution_id, last_day__gte=on)
        .first()
    )
    if found is None or not may_revoke(found, by, on):
        raise SubstitutionNotFound(substitution_id)
    found.revoked_by, found.revoked_at = by, at
    found.save(update_fields=["revoked_by", "revoked_at"])
    _note(EntryKind.SUBSTITUTION_REVOKED, found, by, at)
    return found


def _note(kind: EntryKind, one: Substitution, by: Any, at: datetime.datetime) -> None:
    register.enter(
        kind,
        by=by,
        at=at,
        facts={
            "substitution": one.pk,
            "principal": one.principal_id,
            "substitute": one.substitute_id,
            "first_day": one.first_day,
            "last_day": one.last_day,
            "processes": one.processes,
            "unit": one.unit.code if one.unit else None,
        },
        texts={
            "principal": str(one.principal),
            "substitute": str(one.substitute),
            "reason": one.reason,
        },
    )


def may_revoke(substitution: Substitution, by: Any, on: datetime.date) -> bool:
    """Tell whether a person may end it: who is away, or a head of one of her units.

    A head ends what reaches beyond her unit only if she set it.
    """
    if by.pk in {substitution.principal_id, substitution.set_by_id}:
        return True
    return substitution.unit_id in {unit.pk for unit in headed_by(by, on)}


def known_of(person: Any) -> SubstitutionQuerySet:
    """Return those in which a person is away, or acts for somebody; latest first."""
    mine = Q(principal=person) | Q(substitute=person)
    named = Substitution.objects.filter(mine).order_by("-first_day", "-pk")
    return named.select_related("principal", "substitute", "unit", "set_by")


def _rights(absence: Absence, by: Any, on: datetime.date) -> Iterator[tuple[str, str]]:
    """Find why a person may not set it at all."""
    principal, unit = absence.principal, absence.unit
    if by.pk == principal.pk:
        return
    heads = unit is not None and unit in headed_by(by, on)
    members = Membership.objects.current(on).filter(user=principal)
    if not heads or not members.filter(unit=unit).exists():
        yield "principal", NOT_YOURS


def _reasons(absence: Absence, by: Any, on: datetime.date) -> Iterator[tuple[str, str]]:
    """Find what is wrong with it, whoever sets it."""
    yield from _wrong_people(absence, by, on)
    if absence.first_day < on:
        yield "first_day", "Une suppléance ne commence pas dans le passé."
    if absence.last_day < absence.first_day:
        yield "last_day", "Une absence ne peut finir avant de commencer."
    known = {process.name for process in bound_processes()}
    if unknown := sorted(set(absence.processes) - known):
        yield "processes", f"Procédure inconnue : {', '.join(unknown)}."
    try:
        inputs.read_text(absence.reason, longest=200)
    except inputs.Absurd as absurd:
        yield "reason", f"Motif : {absurd}"
    for other in _overlapping(absence):
        days = f"du {other.first_day:%d/%m/%Y} au {other.last_day:%d/%m/%Y}"
        already = f"{other.substitute} supplée déjà {other.principal} {days}"
        yield "first_day", f"{already} : révoquez-le d’abord."


def _wrong_people(
    absence: Absence, by: Any, on: datetime.date
) -> Iterator[tuple[str, str]]:
    principal, deputy = absence.principal, absence.substitute
    if deputy.pk == principal.pk:
        yield "substitute", "Personne ne se supplée soi-même."
    elif deputy.pk == by.pk:
        yield "substitute", "Personne ne se donne les pouvoirs d’une autre personne."
    elif not (
        deputy.is_active and Membership.objects.current(on).filter(user=deputy).exists()
    ):
        yield "substitute", f"{deputy} n’a plus ni compte ouvert ni rôle."


def _overlapping(absence: Absence) -> list[Substitution]:
    """Find those that would leave in doubt who acts: same days, procedure and unit."""
    same_days = absence.principal.absences.during(absence.first_day, absence.last_day)
    wanted = set(absence.processes)
    return [
        other
        for other in same_days.select_related("substitute", "principal", "unit")
        if (not wanted or not other.processes or wanted & set(other.processes))
        and (None in {absence.unit, other.unit} or absence.unit == other.unit)
    ]
