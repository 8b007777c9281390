"""The calendar of public events, and those of one operation."""

import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe
from icalendar import Calendar, Event

from erbm.communication import commands, queries
from erbm.communication.forms import CallOffForm, EventForm, MonthFilter
from erbm.communication.models import PublicEvent
from erbm.communication.queries import Month
from erbm.forms import explain
from erbm.held import held_by
from erbm.operations.views.visits import OperationVisit, visit

NOBODY = "Vous n’organisez rien pour cette opération."


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show a month of the calendar."""
    filters, on = MonthFilter(request.GET), timezone.localdate()
    month = Month(filters.said.get("month") or on.replace(day=1))
    context = {"month": month, "events": month.events(held_by(request, on))}
    return render(request, "communication/index.html", context)


def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Announce an event of an operation."""
    visited = visit(request, pk)
    form = EventForm(request.POST or None, initial={"on": visited.on})

    def send() -> str:
        said = form.announcement
        commands.announce(operation_id=pk, said=said, by=visited.by, at=visited.at)
        return "L’événement est annoncé."

    return _answered(visited, form, send, "Annoncer un événement", "Annoncer")


def revise(request: HttpRequest, pk: int, event_id: int) -> HttpResponse:
    """Say something else of an event."""
    visited = visit(request, pk)
    event = _held(visited, event_id)
    form = EventForm(request.POST or None, initial=_as_said(event))

    def send() -> str:
        commands.revise(
            operation_id=pk,
            event_id=event_id,
            said=form.announcement,
            by=visited.by,
            at=visited.at,
        )
        return "L’événement est modifié."

    return _answered(visited, form, send, "Modifier l’événement", "Enregistrer")


def call_off(request: HttpRequest, pk: int, event_id: int) -> HttpResponse:
    """Say that an event will not take place."""
    visited = visit(request, pk)
    _held(visited, event_id)
    form = CallOffForm(request.POST or None)

    def send() -> str:
        commands.call_off(
            operation_id=pk,
            event_id=event_id,
            reason=form.cleaned_data["reason"],
            by=visited.by,
            at=visited.at,
        )
        return "L’événement est annulé ; il reste au calendrier, barré."

    return _answered(visited, form, send, "Annuler l’événement", "Annuler l’événement")


@require_safe
def ics(request: HttpRequest, pk: int, event_id: int) -> HttpResponse:
    """Give an event to one's own calendar."""
    visited = visit(request, pk)
    events = PublicEvent.objects.select_related("operation__case", "organiser")
    event = get_object_or_404(events, pk=event_id, operation=pk)
    response = HttpResponse(
        _calendar(event, visited), content_type="text/calendar; charset=utf-8"
    )
    name = f"{visited.case.reference}-{event.pk}.ics"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _answered(
    visited: OperationVisit, form: Any, send: Any, title: str, button: str
) -> HttpResponse:
    """Show a form, or do what it says and lead back to the operation."""
    may = queries.organiser_for(visited.sheet.situation.standing) is not None
    if visited.request.method == "POST" and form.is_valid():
        try:
            done = send()
        except commands.MoveRefused as refused:
            explain(form, refused.refusals)
        except commands.EventNotFound:
            raise Http404 from None
        else:
            messages.success(visited.request, done)
            return redirect(visited.url)
    context = visited.context(
        form=form, title=title, button=button, closed="" if may else NOBODY
    )
    status = 422 if form.errors else 200
    return render(visited.request, "communication/event.html", context, status=status)


def _held(visited: OperationVisit, event_id: int) -> PublicEvent:
    events = PublicEvent.objects.held()
    return get_object_or_404(events, pk=event_id, operation=visited.operation)


def _as_said(event: PublicEvent) -> dict[str, Any]:
    start = timezone.localtime(event.starts_at)
    end = timezone.localtime(event.ends_at) if event.ends_at else None
    return {
        "occasion": event.occasion,
        "title": event.title,
        "on": start.date(),
        "from_time": start.time(),
        "to_time": end.time() if end else None,
        "place": event.place,
        "note": event.note,
    }


def _calendar(event: PublicEvent, visited: OperationVisit) -> bytes:
    calendar, entry = Calendar(), Event()
    calendar.add("prodid", "-//ERBM//Suivi des opérations//FR")
    calendar.add("version", "2.0")
    entry.add("uid", f"public-event.{event.pk}@{settings.MAIL_DOMAIN}")
    entry.add("dtstamp", visited.at.astimezone(datetime.UTC))
    entry.add("dtstart", event.starts_at.astimezone(datetime.UTC))
    if event.ends_at:
        entry.add("dtend", event.ends_at.astimezone(datetime.UTC))
    entry.add("summary", f"{event.get_occasion_display()} : {event.title}")
    entry.add("location", event.place)
    entry.add("description", f"{visited.case}\n{event.note}".strip())
    entry.add("url", settings.BASE_URL + visited.url)
    if event.is_called_off:
        entry.add("status", "CANCELLED")
    calendar.add_component(entry)
    return bytes(calendar.to_ical())
