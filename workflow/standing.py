"""Who a person is towards the cases: the roles held, and what may be seen with them."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from workflow.cases import bound_processes
from workflow.models import Case, Membership, Party, Unit
from workflow.statements import Prepared


def memberships_of(user: Any, on: datetime.date) -> list[Membership]:
    """Return what a person holds on a day, with the units."""
    return _memberships(user=user.pk, on=on)


_memberships = Prepared(
    lambda user, on: (
        Membership.objects.current(on).filter(user=user).select_related("unit")
    )
)


@dataclass(frozen=True)
class Standing:
    """
    The roles of one person on one case.

    - `parties`: the units that play each role in the case;
    - `held`: the units through which the person holds each of her roles there.
    """

    parties: Mapping[str, tuple[Unit, ...]]
    held: Mapping[str, tuple[Unit, ...]]

    def first_held(self, roles: Iterable[str]) -> str | None:
        """Return the first of these roles that the person holds."""
        return next((role for role in roles if role in self.held), None)


def standing_on(case: Case, memberships: Iterable[Membership]) -> Standing:
    """Compare what a person holds with the parties of a case, in one query."""
    parties: dict[str, tuple[Unit, ...]] = {}
    for party in _parties(case=case.pk):
        parties[party.role] = (*parties.get(party.role, ()), party.unit)
    held: dict[str, tuple[Unit, ...]] = {}
    for membership in memberships:
        unit, units = membership.unit, held.get(membership.role, ())
        is_party = unit in parties.get(membership.role, ())
        if is_party and unit not in units and membership.covers(case.jurisdiction_id):
            held[membership.role] = (*units, unit)
    return Standing(parties, held)


_parties = Prepared(
    lambda case: Party.objects.filter(case=case).select_related("unit").order_by("id")
)


def visible_cases(memberships: Iterable[Membership]) -> QuerySet[Case]:
    """Return the cases that these memberships let a person know of.

    Those in which her unit plays the role she holds, and those of the
    jurisdictions over which she holds a reader's role.
    """
    held = list(memberships)
    condition = Q(pk__in=[])
    for process in bound_processes():
        for membership in held:
            if membership.role in process.readers:
                follows = Q(process=process.name, process_version=process.version)
                condition |= follows & _over(membership, "jurisdiction")
    as_party = Q(pk__in=[])
    for membership in held:
        as_party |= Q(unit=membership.unit, role=membership.role) & _over(
            membership, "case__jurisdiction"
        )
    parties = Party.objects.filter(as_party, case=OuterRef("pk"))
    return Case.objects.filter(condition | Exists(parties))


def _over(membership: Membership, path: str) -> Q:
    if membership.jurisdiction_id is None:
        return Q()
    return Q(**{path: membership.jurisdiction_id})
