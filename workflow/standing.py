"""Who a person is towards the cases: the roles held, and what may be seen with them."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet

from workflow.cases import bound_processes, process_of
from workflow.models import Case, Delegation, Membership, Party, Substitution, Unit
from workflow.process import Process
from workflow.statements import Prepared


def memberships_of(user: Any, on: datetime.date) -> list[Membership]:
    """
    Return what a person holds on a day, with the units: her own, and others'.

    What others hold is hers while she stands in for them. What they hold for others
    in their turn is not: powers are lent once.
    """
    return [held for held in _memberships(user=user.pk, on=on) if _is_lent(held)]


def _is_lent(membership: Membership) -> bool:
    """Tell whether it is one's own, or among what the substitution lends."""
    lent = membership.substitution
    return lent is None or lent.unit_id in {None, membership.unit_id}


def _held_by(user: Any, on: Any) -> QuerySet[Membership]:
    herself = get_user_model()._default_manager.filter(pk=user).values("pk")
    running = Substitution.objects.on(on).filter(substitute=user)
    lent = FilteredRelation(
        "user__absences",
        condition=Q(
            user__absences__substitute=user,
            user__absences__first_day__lte=on,
            user__absences__last_day__gte=on,
            user__absences__revoked_at=None,
        ),
    )
    # A union rather than an alternative: each half of it uses an index.
    people = herself.union(running.values("principal"), all=True)
    held: QuerySet[Membership] = Membership.objects.current(on).filter(user__in=people)
    # django-stubs takes the name for that of another column.
    held = held.annotate(substitution=lent)  # type: ignore[no-redef]
    return held.select_related("unit", "substitution__principal")  # type: ignore[misc]


_memberships = Prepared(_held_by)


def one_at_a_time(person: Any) -> None:
    """Have what a person does twice at once wait its turn, to the end of the act."""
    assert connection.in_atomic_block
    people = get_user_model()._default_manager
    people.select_for_update(of=("self",)).get(pk=person.pk)


def headed_by(user: Any, on: datetime.date) -> list[Unit]:
    """Return the units that a person heads herself on a day, by their names."""
    held = Membership.objects.current(on).filter(user=user, is_head=True)
    return list(Unit.objects.filter(memberships__in=held).distinct().order_by("name"))


@dataclass(frozen=True)
class Standing:
    """
    The roles of one person on one case.

    - `parties`: the units that play each role in the case;
    - `held`: the units through which the person holds each of her roles there, the
      ones she belongs to first;
    - `principals`: for whom she holds those that are not her own, by role and unit;
    - `units`: the ids of the units to which each of them belongs, herself under None.
    """

    parties: Mapping[str, tuple[Unit, ...]]
    held: Mapping[str, tuple[Unit, ...]]
    principals: Mapping[tuple[str, int], Any] = field(default_factory=dict)
    units: Mapping[int | None, frozenset[int]] = field(default_factory=dict)

    def first_held(self, roles: Iterable[str]) -> str | None:
        """Return the first of these roles that the person holds, herself if she can."""
        held = [role for role in roles if role in self.held]
        return next(filter(self._holds_herself, held), held[0] if held else None)

    def _holds_herself(self, role: str) -> bool:
        return (role, self.held[role][0].pk) not in self.principals

    def principal(self, role: str, unit: Unit | None) -> Any:
        """Return the person in whose name a role is held; none if it is her own."""
        return self.principals.get((role, unit.pk)) if unit else None


def standing_on(case: Case, memberships: Iterable[Membership]) -> Standing:
    """Compare what a person holds with the parties of a case, in one query."""
    return standing_among(_parties(case=case.pk), case, memberships)


class Playing(Protocol):
    """A unit that plays a role in a case."""

    @property
    def role(self) -> str: ...

    @property
    def unit(self) -> Unit: ...


class Played(NamedTuple):
    """A role that a unit plays, without the row that says so."""

    role: str
    unit: Unit


def parties_of(cases: Iterable[Case]) -> dict[int, list[Played]]:
    """Return the parties of several cases, in two queries: each unit is read once."""
    found: dict[int, list[Played]] = {case.pk: [] for case in cases}
    parties = Party.objects.filter(case__in=found).order_by("id")
    rows = list(parties.values_list("case", "role", "unit"))
    units = Unit.objects.in_bulk({unit for _, _, unit in rows})
    for case_id, role, unit in rows:
        found[case_id].append(Played(role, units[unit]))
    return found


def standing_among(
    rows: Iterable[Playing], case: Case, memberships: Iterable[Membership]
) -> Standing:
    """Compare what a person holds with the parties of a case, already read."""
    parties: dict[str, tuple[Unit, ...]] = {}
    for party in rows:
        parties[party.role] = (*parties.get(party.role, ()), party.unit)
    held: dict[str, tuple[Unit, ...]] = {}
    principals: dict[tuple[str, int], Any] = {}
    units: dict[int | None, frozenset[int]] = {}
    for membership in sorted(memberships, key=_own_first):
        role, unit = membership.role, membership.unit
        whose = membership.principal.pk if membership.principal else None
        units[whose] = units.get(whose, frozenset()) | {unit.pk}
        is_party = unit in parties.get(role, ())
        if is_party and unit not in held.get(role, ()) and _bears_on(case, membership):
            held[role] = (*held.get(role, ()), unit)
            if membership.principal:
                principals[role, unit.pk] = membership.principal
    return Standing(parties, held, principals, units)


def grants_on(
    case: Case, memberships: Iterable[Membership], parties: Mapping[str, Sequence[Unit]]
) -> list[Membership]:
    """Return what lets a person know of a case, her own memberships first."""
    readers = process_of(case).readers
    return sorted(
        (
            membership
            for membership in memberships
            if _bears_on(case, membership)
            and (
                membership.role in readers
                or membership.unit in parties.get(membership.role, ())
            )
        ),
        key=_own_first,
    )


def _own_first(membership: Membership) -> int:
    return membership.substitution.pk if membership.substitution else 0


def _bears_on(case: Case, membership: Membership) -> bool:
    return membership.covers(case.jurisdiction_id) and membership.reaches(case.process)


_parties = Prepared(
    lambda case: Party.objects.filter(case=case).select_related("unit").order_by("id")
)


def visible_cases(memberships: Iterable[Membership]) -> QuerySet[Case]:
    """Return the cases that these memberships let a person know of.

    Those in which her unit plays the role she holds, those of the jurisdictions
    over which she holds a reader's role, and those that she is asked to prepare
    something of, for as long as it is awaited.
    """
    held = list(memberships)
    # A list that is read once, and not once for each case.
    prepared = Q(pk__in=_prepared_with(held).values("case"))
    return Case.objects.filter(granted(held) | prepared)


def visible_of(process: Process, memberships: Iterable[Membership]) -> QuerySet[Case]:
    """Return those of one version of a procedure, for a list that goes through all."""
    held = list(memberships)
    follow = Case.objects.filter(process=process.name, process_version=process.version)
    if any(_reads_whole(process, membership) for membership in held):
        return follow
    # Listed beforehand: PostgreSQL takes a look for each case to cost far more.
    parties = Party.objects.filter(_as_party(held)).values("case")
    prepared = _prepared_with(held).values("case")
    return follow.filter(_as_reader(held) | Q(pk__in=parties) | Q(pk__in=prepared))


def _reads_whole(process: Process, membership: Membership) -> bool:
    """Tell whether nothing of a version is hidden from whoever holds it."""
    reads = membership.role in process.readers and membership.reaches(process.name)
    return reads and membership.jurisdiction_id is None


def granted_cases(memberships: Iterable[Membership]) -> QuerySet[Case]:
    """Return those that memberships open by themselves, as a party or a reader."""
    return Case.objects.filter(granted(memberships))


def granted(memberships: Iterable[Membership], *, case: str = "pk") -> Q:
    """Keep the rows whose case memberships open so, by the path that leads to it."""
    held = list(memberships)
    parties = Party.objects.filter(_as_party(held), case=OuterRef(case))
    prefix = "" if case == "pk" else f"{case}__"
    return _as_reader(held, prefix) | Q(Exists(parties))


def known(memberships: Iterable[Membership], *, case: str = "pk") -> Q:
    """
    Keep the rows whose case these memberships let a person know of, one by one.

    For a list that is short without it: each row costs a look into an index, whereas
    `visible_cases` may have a database list all the cases of a unit beforehand.
    """
    held = list(memberships)
    # Were there only the equality, PostgreSQL would list them beforehand as well.
    same = {"case": OuterRef(case), "case__gte": OuterRef(case)}
    parties = Party.objects.filter(_as_party(held), **same)
    prepared = Q(**{f"{case}__in": _prepared_with(held).values("case")})
    prefix = "" if case == "pk" else f"{case}__"
    return _as_reader(held, prefix) | Q(Exists(parties)) | prepared


def _as_reader(held: Iterable[Membership], prefix: str = "") -> Q:
    condition = Q()
    for process in bound_processes():
        for membership in held:
            if membership.role in process.readers and membership.reaches(process.name):
                follows = {"process": process.name, "process_version": process.version}
                condition |= Q(
                    **{f"{prefix}{column}": value for column, value in follows.items()}
                ) & _over(membership, f"{prefix}jurisdiction")
    return condition


def _as_party(held: Iterable[Membership]) -> Q:
    condition = Q(pk__in=[])
    for membership in held:
        condition |= (
            Q(unit=membership.unit, role=membership.role)
            & _over(membership, "case__jurisdiction")
            & _within(membership, "case__process")
        )
    return condition


def prepared_cases(memberships: Iterable[Membership]) -> list[int]:
    """Read the ids of the cases in which something is awaited of the members."""
    return list(_prepared_with(memberships).values_list("case", flat=True))


def _prepared_with(memberships: Iterable[Membership]) -> QuerySet[Delegation]:
    """Find what is awaited of the people and the units of one's own memberships."""
    own = [held for held in memberships if held.substitution is None]
    return Delegation.objects.awaited().filter(
        Q(to_user__in={held.user_id for held in own})
        | Q(to_unit__in={held.unit_id for held in own})
    )


def _over(membership: Membership, path: str) -> Q:
    if membership.jurisdiction_id is None:
        return Q()
    return Q(**{path: membership.jurisdiction_id})


def _within(membership: Membership, path: str) -> Q:
    lent = membership.substitution
    return Q(**{f"{path}__in": lent.processes}) if lent and lent.processes else Q()
