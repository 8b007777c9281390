"""A calendar of due dates, at an address that only its owner knows and may revoke."""

import datetime
import hashlib
import secrets
from typing import Any

from django.db.models import Model

from workflow import inbox
from workflow.deadlines import LOCAL
from workflow.inbox import Box
from workflow.models import EntryKind, Feed, Task
from workflow.standing import memberships_of, one_at_a_time
from workflow.trail import register

LIMIT = 500  # due dates: beyond, no calendar is of use


def open_feed(*, by: Any, at: datetime.datetime) -> str:
    """
    Give a person a secret for her calendar, and return it: nothing keeps it.

    The former one, if any, opens nothing any more.
    """
    # Two that are opened at once wait for each other: the latter wins.
    one_at_a_time(by)
    revoke(by=by, at=at)
    token = secrets.token_urlsafe(32)
    feed = Feed.objects.create(user=by, token_hash=_hash(token), created_at=at)
    note("add", feed, by=by, at=at)
    return token


def revoke(*, by: Any, at: datetime.datetime) -> int:
    """Have the address of a person's calendar open nothing any more."""
    mine = Feed.objects.filter(user=by, revoked_at=None)
    for feed in mine:
        note("delete", feed, by=by, at=at)
    return mine.update(revoked_at=at)


def note(deed: str, feed: Model, *, by: Any, at: datetime.datetime) -> None:
    """Enter that an address which opens without a password is given, or revoked."""
    facts = {"table": feed._meta.label_lower, "row": feed.pk, "deed": deed}
    register.enter(EntryKind.CONFIGURED, by=by, at=at, facts={**facts, "changes": {}})


def current_of(user: Any) -> Feed | None:
    """Return the calendar that a person has opened, without its secret."""
    return Feed.objects.filter(user=user, revoked_at=None).first()


def opened_by(token: str) -> Feed | None:
    """Return the calendar that a secret opens, if it is somebody's who still may."""
    found = Feed.objects.filter(token_hash=_hash(token), revoked_at=None)
    return found.filter(user__is_active=True).select_related("user").first()


def due_tasks(user: Any, at: datetime.datetime) -> list[Task]:
    """Return the open tasks that are due, among those that a person may act on."""
    held = memberships_of(user, at.astimezone(LOCAL).date())
    tasks = inbox.tasks_in(Box.UNITS, by=user, memberships=held, at=at)
    due = tasks.filter(due_at__isnull=False, stopped_on=None)
    return list(due.order_by("sort_at", "pk")[:LIMIT])


def _hash(token: str) -> str:
    # As long and as random as it is, it needs neither salt nor a slow hash.
    return hashlib.sha256(token.encode()).hexdigest()
