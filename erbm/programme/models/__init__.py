"""The tables of the programme."""

from erbm.programme.models.campaigns import Campaign, ServicePlan, Tag, Tagging
from erbm.programme.models.envelopes import Envelope, Level
from erbm.programme.models.reservations import Reservation
from erbm.programme.models.rules import (
    Authority,
    FinishFrom,
    Mark,
    Regime,
    SchemeRule,
    Silence,
    Vat,
)
from erbm.programme.models.themes import Theme

__all__ = [
    "Authority",
    "Campaign",
    "Envelope",
    "FinishFrom",
    "Level",
    "Mark",
    "Regime",
    "Reservation",
    "SchemeRule",
    "ServicePlan",
    "Silence",
    "Tag",
    "Tagging",
    "Theme",
    "Vat",
]
