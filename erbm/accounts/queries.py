"""Questions about the people that several screens ask."""

import datetime

from django.conf import settings
from django.db.models import QuerySet

from erbm.accounts.models import User
from flows.roles import Role


def demo_accounts() -> QuerySet[User]:
    """Find the accounts that the sign-in page of a demonstration may show."""
    return User.objects.filter(
        is_active=True, email__iendswith=f"@{settings.DEMO_EMAIL_DOMAIN}"
    ).order_by("position", "last_name", "first_name", "id")


def administers(user: User, on: datetime.date) -> bool:
    """Tell whether a person is an administrator of the software on a day."""
    held = user.memberships.current(on).filter(role=Role.ADMINISTRATOR)
    return user.is_active and held.exists()
