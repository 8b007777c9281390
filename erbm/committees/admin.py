"""The administration of the bodies: which there are; their rules are set elsewhere."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from erbm.admin import Kept, Opened
from erbm.committees.models import Seat
from erbm.committees.models.bodies import RULES


class SeatInline(Opened, admin.TabularInline):  # type: ignore[type-arg]
    """The seats of a new body; the project director changes them, with its rules."""

    model = Seat
    fields = ("unit", "role", "has_vote", "rank")
    autocomplete_fields = ("unit",)
    extra = 1

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None


class BodyAdmin(Kept):
    """The bodies, with the rules under which they begin."""

    written_once = ("code", "kind", "jurisdiction", *RULES)
    fields = (
        "code",
        "name",
        "kind",
        "jurisdiction",
        "territories",
        ("first_month", "every_months"),
        ("week", "weekday"),
        "starts_at",
        "place",
        "freeze_days",
        "notice_days",
        "quorum_percent",
        "counts_proxies",
        "proxies_most",
        "needs_chairs",
        "votes",
        "source",
        "is_active",
    )
    list_display = ("name", "kind", "quorum_percent", "votes", "is_active")
    search_fields = ("name", "code")
    ordering = ("pk",)
    inlines = (SeatInline,)
