"""The administration of the bodies: their rules and their seats, and no sitting."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from erbm.admin import Kept, Opened
from erbm.committees.models import Seat


class SeatInline(Opened, admin.TabularInline):  # type: ignore[type-arg]
    """A seat serves when a sitting is convened: past ones keep their own sheet."""

    model = Seat
    fields = ("unit", "role", "has_vote", "rank")
    autocomplete_fields = ("unit",)
    extra = 1

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True


class BodyAdmin(Kept):
    """The rules of procedure of each body."""

    written_once = ("code", "kind", "jurisdiction")
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
