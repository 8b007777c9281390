"""Who reads a comment: one rule, as a query for readers, as a list for writers."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from workflow.audiences import ALL, LABELS, UNIT, Audience
from workflow.cases import bound_processes, process_of
from workflow.models import Case, Comment, Conflict, Membership, Party, Unit
from workflow.process import Process
from workflow.standing import granted_cases, grants_on, visible_cases

Parties = Mapping[str, Sequence[Unit]]


def readable_by(by: Any, memberships: Iterable[Membership]) -> "QuerySet[Comment]":
    """
    Return the comments that a person may read, whatever their case.

    Those of the cases she may know of, that are addressed to all, to the unit or to
    the capacity through which she knows of it. Whoever a conflict of interest keeps
    away, or only prepares something there, reads no more than what all read.
    """
    held = list(memberships)
    apart = Q(pk__in=[])
    for membership in held:
        known = Q(case__in=granted_cases([membership]))
        apart |= known & Q(audience=UNIT, unit=membership.unit)
        for process in bound_processes():
            for audience in process.audiences:
                if membership.role in audience.roles:
                    apart |= known & _addressed(process, audience, membership)
    kept_away = Conflict.objects.standing().filter(user=by).values("case")
    return Comment.objects.filter(
        Q(audience=ALL, case__in=visible_cases(held)) | (apart & ~Q(case__in=kept_away))
    )


def _addressed(process: Process, audience: Audience, membership: Membership) -> Q:
    followed = Q(case__process=process.name, case__process_version=process.version)
    left_out = Party.objects.filter(
        case=OuterRef("case"), role__in=audience.apart_from, unit=membership.unit
    )
    return followed & Q(~Exists(left_out), audience=audience.name)


@dataclass(frozen=True, slots=True)
class Address:
    """
    An audience to whom a person may write, and the unit for which she does.

    - `principal`: the person in whose name she does, if it is not her own.
    """

    audience: str
    unit: Unit
    label: str
    principal: Any = None

    @property
    def value(self) -> str:
        return f"{self.audience}.{self.unit.pk}"


def addresses(
    case: Case, memberships: Iterable[Membership], parties: Parties
) -> list[Address]:
    """Return to whom a person may write about a case: to none where she reads not."""
    process, found = process_of(case), {}
    grants = grants_on(case, memberships, parties)
    for name, label in labels(process).items():
        for grant in grants:
            # A unit of her own is another audience for each unit of hers.
            key = (name, grant.unit.pk if name == UNIT else 0)
            if key not in found and _belongs(process, name, grant, parties):
                found[key] = Address(name, grant.unit, label, grant.principal)
    return list(found.values())


def labels(process: Process) -> dict[str, str]:
    """Name the audiences of a procedure, from the closest to the widest."""
    declared = {audience.name: audience.label for audience in process.audiences}
    return {UNIT: LABELS[UNIT], **declared, ALL: LABELS[ALL]}


def _belongs(process: Process, name: str, grant: Membership, parties: Parties) -> bool:
    """Tell whether what lets a person know of a case puts her in an audience."""
    for audience in process.audiences:
        if audience.name == name:
            left_out = [parties.get(role, ()) for role in audience.apart_from]
            return grant.role in audience.roles and not any(
                grant.unit in units for units in left_out
            )
    return True


def readers_of(
    case: Case, address: Address, parties: Parties, on: datetime.date
) -> list[Membership]:
    """Return the memberships of those who would read a comment, one by one."""
    process = process_of(case)
    as_party = Q(role__in=process.readers)
    for role, units in parties.items():
        as_party |= Q(role=role, unit__in=units)
    current = Membership.objects.current(on).filter(as_party, user__is_active=True)
    if case.has_conflicts and address.audience != ALL:
        kept_away = Conflict.objects.standing().filter(case=case)
        current = current.exclude(user__in=kept_away.values("user"))
    held = current.select_related("user", "unit").order_by("unit__name", "pk")
    return [
        grant
        for grant in grants_on(case, held, parties)
        if _belongs(process, address.audience, grant, parties)
        and (address.audience != UNIT or grant.unit == address.unit)
    ]
