"""What an administrator must know of what went wrong."""

from collections.abc import Iterable
from itertools import islice

from flows.roles import Role
from workflow import incidents
from workflow.incidents import Contradiction
from workflow.models import Membership, Message
from workflow.paging import Order
from workflow.standing import visible_cases

ORDER = Order(("parked_at", "id"))
"""The oldest incident first."""

SHOWN_CONTRADICTIONS = 100


def is_administrator(memberships: Iterable[Membership]) -> bool:
    return any(held.role == Role.ADMINISTRATOR for held in memberships)


def contradictions() -> list[Contradiction]:
    """Return the first cases that contradict the rules."""
    return list(islice(incidents.contradictions(), SHOWN_CONTRADICTIONS))


def openable(
    memberships: Iterable[Membership], messages: Iterable[Message]
) -> frozenset[int]:
    """Return the cases of these messages that the person may open."""
    cases = {message.event.case_id for message in messages}
    found = visible_cases(memberships).filter(pk__in=cases)
    return frozenset(found.values_list("pk", flat=True))
