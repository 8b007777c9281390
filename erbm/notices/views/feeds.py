"""One's due dates, as a calendar that other software reads (RFC 5545)."""

import datetime

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from erbm.cases import rooms
from workflow import feeds
from workflow.deadlines import local_day
from workflow.models import Feed, Task

KEPT = 300  # seconds
PER_HOUR = 60
HOUR = 3600


@login_not_required
@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Show the due dates of whoever the address belongs to, without sign-in."""
    feed = feeds.opened_by(token)
    if feed is None:
        raise Http404
    if _is_asked_too_often(feed):
        busy = HttpResponse(
            "Trop de demandes.\n", status=429, content_type="text/plain; charset=utf-8"
        )
        busy["Retry-After"] = str(HOUR)
        return busy
    key = f"feed.{feed.pk}"
    content = cache.get(key)
    if content is None:
        content = calendar_of(feed, timezone.now())
        cache.set(key, content, KEPT)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = f"private, max-age={KEPT}"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response


def address_of(token: str) -> str:
    return str(settings.BASE_URL) + reverse("feed", args=[token])


def calendar_of(feed: Feed, at: datetime.datetime) -> bytes:
    """Write the due dates of a person, one event a task, on the whole of its day."""
    calendar = Calendar()
    calendar.add("prodid", "-//ERBM//Suivi des opérations//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Échéances ERBM")
    for task in feeds.due_tasks(feed.user, at):
        calendar.add_component(_event(task, at))
    return bytes(calendar.to_ical())


def _event(task: Task, at: datetime.datetime) -> Event:
    assert task.due_at is not None
    day = local_day(task.due_at)
    event = Event()
    event.add("uid", f"task.{task.pk}@{settings.MAIL_DOMAIN}")
    event.add("dtstamp", at.astimezone(datetime.UTC))
    event.add("dtstart", day)
    event.add("dtend", day + datetime.timedelta(days=1))
    event.add("summary", f"{task.reference} · {task.label}")
    event.add("description", task.subject)
    link = settings.BASE_URL + rooms.address_of(task.kind, task.case_id)
    event.add("url", link)
    event.add("transp", "TRANSPARENT")
    return event


def _is_asked_too_often(feed: Feed) -> bool:
    key = f"feed.{feed.pk}.asked"
    cache.add(key, 0, HOUR)
    try:
        return cache.incr(key) > PER_HOUR
    except ValueError:  # forgotten in between
        return False
