"""Who owns an operation, and which kinds of it."""

from collections.abc import Iterable

from erbm.operations.models import Kind
from erbm.organisations.models import Category, Organisation
from flows.roles import Role
from workflow.models import Membership, Unit


def kinds_carried_by(owner: Unit) -> tuple[Kind, ...]:
    """Return the kinds of operation that a unit may own: cités are the landlords'."""
    organisation = Organisation.objects.filter(unit=owner).first()
    if organisation is not None and organisation.category == Category.LANDLORD:
        return (Kind.REHABILITATION, Kind.SUBSIDY)
    return (Kind.SUBSIDY,)


def kinds_open_to(memberships: Iterable[Membership]) -> dict[Kind, list[Unit]]:
    """Return the kinds of operation that a person may open, and for which units."""
    found: dict[Kind, list[Unit]] = {}
    for membership in memberships:
        carried = kinds_carried_by(membership.unit) if _owns(membership) else ()
        for kind in filter(membership.reaches, carried):
            units = found.setdefault(kind, [])
            if membership.unit not in units:
                units.append(membership.unit)
    return found


def _owns(membership: Membership) -> bool:
    return membership.role == Role.OWNER
