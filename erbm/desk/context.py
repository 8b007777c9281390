"""What every page knows: the brand, the person who is signed in, the menu."""

import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from erbm.accounts.models import User
from erbm.desk import navigation
from erbm.held import held_by
from workflow import notices
from workflow.models import Membership, Unit


class Visitor:
    """The person who looks at a page, as its header shows her."""

    def __init__(self, request: HttpRequest, today: datetime.date) -> None:
        self._request = request
        self._today = today

    @cached_property
    def held(self) -> list[Membership]:
        """What the person holds, lent to her or not."""
        is_known = isinstance(self._request.user, User)
        return held_by(self._request, self._today) if is_known else []

    @cached_property
    def memberships(self) -> list[Membership]:
        own = (held for held in self.held if held.principal is None)
        return sorted(own, key=lambda held: (held.unit.short_name, held.pk))

    @cached_property
    def unread(self) -> str:
        """How many notices wait for her; nothing if none does."""
        if not isinstance(self._request.user, User):
            return ""
        found = notices.count_unread(self._request.user, self.held)
        if found > notices.COUNT_UP_TO:
            return f"{notices.COUNT_UP_TO}+"
        return str(found or "")

    @cached_property
    def units(self) -> list[Unit]:
        return list({m.unit_id: m.unit for m in self.memberships}.values())

    @cached_property
    def menu(self) -> list[navigation.Link | navigation.Submenu]:
        if not self._request.user.is_authenticated:
            return []
        roles = {membership.role for membership in self.memberships}
        return navigation.menu(self._request.path, roles)

    @cached_property
    def personal(self) -> list[navigation.Link]:
        """What stands under the name of the person."""
        return navigation.links(self._request.path, entries=navigation.PERSONAL)


def look(request: HttpRequest) -> dict[str, Any]:
    """
    Give templates `service`, `visitor` and `today`: the clock is read here, once.

    None of them asks the database by itself.
    """
    today = timezone.localdate()
    return {
        "service": {
            "name": "ERBM",
            "purpose": "Suivi des opérations",
            "state_brand": settings.BRAND == "state",
            "source_url": settings.SOURCE_URL,
            "legal_notice": settings.LEGAL_NOTICE,
        },
        "today": today,
        "visitor": Visitor(request, today),
    }
