"""Who belongs to a unit, who stands in for whom: what the pages about people show."""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from erbm.accounts.models import Appointment, User
from workflow import standing, substitutions
from workflow.models import Membership, Substitution, Task, Unit

LATEST = 50


@dataclass(frozen=True, slots=True)
class Member:
    """A person of a unit, her roles there, and who acts for her today."""

    person: User
    roles: tuple[str, ...]
    is_head: bool
    away: Substitution | None


@dataclass(frozen=True, slots=True)
class Away:
    """A substitution as one person sees it on a day."""

    substitution: Substitution
    is_over: bool
    is_running: bool
    may_revoke: bool


def units_of(memberships: Iterable[Membership]) -> list[Unit]:
    """Return the units to which a person belongs herself, each once."""
    return list({m.unit_id: m.unit for m in memberships if not m.principal}.values())


def colleagues(units: Iterable[Unit], on: datetime.date, *, but: Any) -> QuerySet[User]:
    """Return the people of some units on a day, but for one person."""
    held = Membership.objects.current(on).filter(unit__in=list(units))
    people = User.objects.filter(pk__in=held.values("user"), is_active=True)
    return people.exclude(pk=but.pk).order_by("last_name", "first_name", "pk")


def who_could_have(task: Task, on: datetime.date) -> QuerySet[User]:
    """Return the people of the unit of a task who hold its role, but who has it."""
    held = Membership.objects.current(on).filter(unit=task.unit, role=task.role)
    held = held.filter(Q(jurisdiction=None) | Q(jurisdiction=task.jurisdiction_id))
    people = User.objects.filter(pk__in=held.values("user"), is_active=True)
    others = people.exclude(pk=task.owner_id) if task.owner_id else people
    return others.order_by("last_name", "first_name", "pk")


def members(unit: Unit, on: datetime.date) -> list[Member]:
    """Return the people of a unit on a day, its heads first."""
    held: Any = Appointment.objects.current(on).filter(unit=unit).select_related("user")
    by_person: dict[Any, list[Appointment]] = {}
    for one in held.order_by("user__last_name", "user__first_name", "pk"):
        by_person.setdefault(one.user, []).append(one)
    away = {
        substitution.principal_id: substitution
        for substitution in Substitution.objects.on(on)
        .filter(principal__in=by_person)
        .select_related("substitute")
    }
    found = [
        Member(
            person=person,
            roles=tuple(dict.fromkeys(one.role_label for one in roles)),
            is_head=any(one.is_head for one in roles),
            away=away.get(person.pk),
        )
        for person, roles in by_person.items()
    ]
    return sorted(found, key=lambda member: not member.is_head)


def absences_in(unit: Unit, by: Any, on: datetime.date) -> list[Away]:
    """Return the absences of the people of a unit that are not over."""
    people = Membership.objects.current(on).filter(unit=unit).values("user")
    running = Substitution.objects.standing().filter(
        Q(unit=None) | Q(unit=unit), principal__in=people, last_day__gte=on
    )
    return seen_by(by, running.order_by("first_day", "pk"), on)


def own_absences(by: Any, on: datetime.date) -> list[Away]:
    """Return the absences of a person, the latest first, revoked ones included."""
    known = substitutions.known_of(by).filter(principal=by)
    return seen_by(by, known[:LATEST], on)


def stood_in_for(by: Any, on: datetime.date) -> list[Away]:
    """Return whom a person stands in for, or will, or did."""
    known = substitutions.known_of(by).filter(substitute=by)
    return seen_by(by, known[:LATEST], on)


def seen_by(by: Any, found: "QuerySet[Substitution]", on: datetime.date) -> list[Away]:
    shown = found.select_related(
        "principal", "substitute", "unit", "set_by", "revoked_by"
    )
    headed = {unit.pk for unit in standing.headed_by(by, on)}
    return [_away(one, by, on, headed) for one in shown]


def _away(one: Substitution, by: Any, on: datetime.date, headed: set[int]) -> Away:
    is_over = one.revoked_at is not None or one.last_day < on
    hers = by.pk in {one.principal_id, one.set_by_id} or one.unit_id in headed
    return Away(
        substitution=one,
        is_over=is_over,
        is_running=not is_over and one.first_day <= on,
        may_revoke=hers and not is_over,
    )
