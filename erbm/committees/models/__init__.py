"""The tables of the committees."""

from erbm.committees.models.bodies import Body, BodyVersion, CalendarFeed, Seat
from erbm.committees.models.items import (
    AgendaItem,
    Attendance,
    Erratum,
    Withdrawal,
)
from erbm.committees.models.sittings import Sitting

__all__ = [
    "AgendaItem",
    "Attendance",
    "Body",
    "BodyVersion",
    "CalendarFeed",
    "Erratum",
    "Seat",
    "Sitting",
    "Withdrawal",
]
