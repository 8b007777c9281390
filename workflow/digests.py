"""The letter of the day: what a person is told, gathered, once and from one hour on."""

import datetime
import logging
from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q

from workflow import notices
from workflow.deadlines import LOCAL
from workflow.models import Digest, Notice
from workflow.models.notices import Pace
from workflow.standing import memberships_of

logger = logging.getLogger(__name__)

HOUR = datetime.time(8, 30)
"""After the rungs have rung; no change of hour ever skips or repeats it."""

LEASE = datetime.timedelta(minutes=5)
LIMIT = 100

Send = Callable[[Any, Sequence[Notice], str], None]
"""How a letter leaves: to whom, what it tells, the key that makes it recognisable."""


def send_due(*, at: datetime.datetime, send: Send, limit: int = LIMIT) -> int:
    """
    Send the letters of the day that have not left, and return how many did.

    A letter tells what was written before its hour, even if it leaves late: what
    comes after waits for the next day, so that a day has one letter at most.
    """
    day = at.astimezone(LOCAL).date()
    opens_at = datetime.datetime.combine(day, HOUR, tzinfo=LOCAL)
    if at < opens_at:
        return 0
    return sum(
        _send_to(user, day, opens_at, at, send)
        for user in _people(day, opens_at, limit)
    )


def _people(day: datetime.date, opens_at: datetime.datetime, limit: int) -> list[Any]:
    """Find who has something to be told, and no letter of this day yet."""
    waiting = Notice.objects.to_gather().filter(created_at__lt=opens_at)
    served = Digest.objects.filter(day=day, sent_at__isnull=False)
    people = get_user_model()._default_manager.filter(
        pk__in=waiting.values("user"), is_active=True
    )
    return list(people.exclude(pk__in=served.values("user")).order_by("pk")[:limit])


def _send_to(
    user: Any,
    day: datetime.date,
    opens_at: datetime.datetime,
    at: datetime.datetime,
    send: Send,
) -> bool:
    digest = _take(user, day, at)
    if digest is None:
        return False
    waiting = Notice.objects.to_gather().filter(user=user, created_at__lt=opens_at)
    told = _still_known(user, day, waiting)
    try:
        if told:
            send(user, told, f"digest.{user.pk}.{day}")
    except Exception:
        # Tried again once the lease is over; the others are not kept waiting.
        logger.exception("digests.failed", extra={"digest": digest.pk})
        return False
    with transaction.atomic():
        told_ids = [notice.pk for notice in told]
        Notice.objects.filter(pk__in=told_ids).update(mailed_at=at)
        # What she may know no more will not be told.
        waiting.exclude(pk__in=told_ids).update(pace=Pace.NEVER)
        Digest.objects.filter(pk=digest.pk).update(sent_at=at, lease_until=None)
    return bool(told)


def _take(user: Any, day: datetime.date, at: datetime.datetime) -> Digest | None:
    """Take the letter of a person for the length of a lease, if nobody holds it."""
    Digest.objects.bulk_create([Digest(user=user, day=day)], ignore_conflicts=True)
    free = Digest.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=at), user=user, day=day, sent_at=None
    )
    if not free.update(lease_until=at + LEASE):
        return None
    return Digest.objects.get(user=user, day=day)


def _still_known(user: Any, day: datetime.date, waiting: Any) -> list[Notice]:
    known = notices.notices_of(user, memberships_of(user, day))
    found = known.filter(pk__in=waiting.values("pk"))
    rows = found.select_related("case", "unit", "principal", "event__case")
    return list(rows.order_by("created_at", "pk"))
