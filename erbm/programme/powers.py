"""Who keeps the rules and the credits of the programme, and who reads them."""

from collections.abc import Iterable

from flows.roles import SERVICES, Role
from workflow.answers import MoveRefused
from workflow.models import Membership
from workflow.refusals import Ground, Refusal

KEEPERS = frozenset({Role.PROJECT_DIRECTOR})
"""Who sets the rules of the schemes and the campaigns."""
TREASURERS = frozenset({Role.PROJECT_DIRECTOR, Role.FUNDER})
"""Who opens envelopes and delegates them."""
READERS = frozenset(
    role
    for role in Role
    if role in SERVICES.roles and role not in {Role.CONSULTED, Role.COMMITTEE_MEMBER}
)
"""Who sees what is in them."""


def holds(memberships: Iterable[Membership], roles: frozenset[Role]) -> bool:
    """Tell whether one of these roles is held everywhere, and for every procedure."""
    return any(
        one.role in roles
        and one.jurisdiction_id is None
        and not (one.substitution and one.substitution.processes)
        for one in memberships
    )


def reads(memberships: Iterable[Membership]) -> bool:
    """Tell whether what is in the envelopes is for whoever holds these."""
    return any(one.role in READERS for one in memberships)


def demand(memberships: Iterable[Membership], roles: frozenset[Role]) -> None:
    """
    Refuse whoever holds none of these roles.

    :raises MoveRefused: with the roles that it takes
    """
    if not holds(memberships, roles):
        who = " ou ".join(role.label for role in Role if role in roles)
        raise MoveRefused([Refusal(Ground.ROLE, f"Ce geste revient à : {who}.")])
