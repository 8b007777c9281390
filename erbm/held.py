"""What the person who asks for a page holds, read once for each of her requests.

For what pages show: a decision reads it again, under the lock of its case.
"""

import datetime

from django.http import HttpRequest

from workflow.models import Membership
from workflow.standing import memberships_of


def held_by(request: HttpRequest, on: datetime.date) -> list[Membership]:
    """Return what the person of a request holds on a day, lent to her or not."""
    read: dict[datetime.date, list[Membership]] = vars(request).setdefault("_held", {})
    if on not in read:
        read[on] = memberships_of(request.user, on)
    return read[on]
