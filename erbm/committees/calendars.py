"""Sittings as calendars that other software reads (RFC 5545), and their secrets."""

import datetime
import hashlib
import secrets
from collections.abc import Collection, Iterable
from typing import Any

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress

from erbm.cases import rooms
from erbm.committees.models import Body, CalendarFeed, Sitting
from flows.sitting.lifecycle import State
from workflow import feeds
from workflow.standing import one_at_a_time

LASTS = datetime.timedelta(hours=2)  # (default)
PAST = datetime.timedelta(days=365)
STATUS = {State.CANCELLED: "CANCELLED", State.POSTPONED: "CANCELLED"}


def calendar_of(body: Body, at: datetime.datetime) -> bytes:
    """Write the sittings of a body, those of the past year included."""
    since = at.date() - PAST
    sittings = Sitting.objects.with_facts().filter(body=body, held_on__gte=since)
    return _written(sittings.order_by("held_on", "pk"), "PUBLISH", at, name=body.name)


def invitation(
    sitting: Sitting, to: Collection[str], method: str, at: datetime.datetime
) -> bytes:
    """Write one sitting as an invitation, or as the end of one (RFC 5546)."""
    return _written([sitting], method, at, to=to)


def _written(
    sittings: Iterable[Sitting],
    method: str,
    at: datetime.datetime,
    *,
    name: str = "",
    to: Collection[str] = (),
) -> bytes:
    calendar = Calendar()
    calendar.add("prodid", "-//ERBM//Suivi des opérations//FR")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    if name:
        calendar.add("x-wr-calname", name)
    for sitting in sittings:
        calendar.add_component(_event(sitting, at, to))
    return bytes(calendar.to_ical())


def _event(sitting: Sitting, at: datetime.datetime, to: Collection[str] = ()) -> Event:
    event = Event()
    event.add("uid", f"sitting.{sitting.pk}@{settings.MAIL_DOMAIN}")
    event.add("dtstamp", at.astimezone(datetime.UTC))
    event.add("dtstart", sitting.starts.astimezone(datetime.UTC))
    event.add("dtend", (sitting.starts + LASTS).astimezone(datetime.UTC))
    event.add("sequence", sitting.case.version)
    event.add("summary", sitting.body.name)
    event.add("location", sitting.place)
    event.add("status", STATUS.get(State(sitting.case.state), "CONFIRMED"))
    event.add("url", address_of(sitting))
    if to:
        event.add("organizer", vCalAddress(f"mailto:{_sender()}"))
    for one in to:
        event.add("attendee", vCalAddress(f"mailto:{one}"))
    return event


def _sender() -> str:
    return str(settings.DEFAULT_FROM_EMAIL).rpartition("<")[2].rstrip(">")


def address_of(sitting: Sitting) -> str:
    """Return where a sitting is shown, as a letter says it."""
    page = rooms.address_of(sitting.case.process, sitting.pk)
    return f"{settings.BASE_URL}{page}"


def open_feed(body: Body, *, by: Any, at: datetime.datetime) -> str:
    """
    Give a person a secret for the calendar of a body, and return it: nothing keeps it.

    Her former one, if any, opens nothing any more.
    """
    one_at_a_time(by)
    revoke_feed(body, by=by, at=at)
    token = secrets.token_urlsafe(32)
    feed = CalendarFeed.objects.create(
        user=by, body=body, token_hash=_hash(token), created_at=at
    )
    feeds.note("add", feed, by=by, at=at)
    return token


def revoke_feed(body: Body, *, by: Any, at: datetime.datetime) -> int:
    """Have the address of a person's calendar of a body open nothing any more."""
    mine = CalendarFeed.objects.filter(user=by, body=body, revoked_at=None)
    for feed in mine:
        feeds.note("delete", feed, by=by, at=at)
    return mine.update(revoked_at=at)


def current_of(body: Body, user: Any) -> CalendarFeed | None:
    """Return the calendar of a body that a person has opened, without its secret."""
    return CalendarFeed.objects.filter(user=user, body=body, revoked_at=None).first()


def opened_by(token: str) -> CalendarFeed | None:
    """Return the feed that a secret opens, if it is somebody's who still may."""
    found = CalendarFeed.objects.filter(token_hash=_hash(token), revoked_at=None)
    return found.filter(user__is_active=True).select_related("body", "user").first()


def _hash(token: str) -> str:
    # As long and as random as it is, it needs neither salt nor a slow hash.
    return hashlib.sha256(token.encode()).hexdigest()
