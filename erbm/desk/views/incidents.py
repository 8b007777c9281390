"""What went wrong: messages given up, cases that contradict the rules."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm import lists, words
from erbm.desk import commands
from erbm.desk.queries import incidents as queries
from erbm.held import held_by
from flows.roles import Role
from workflow import incidents, inspections, paging, testimonies
from workflow.models import Membership

View = Callable[..., HttpResponse]


def for_administrators(view: View) -> View:
    """Hide a page from everybody else; the view receives what the person holds."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        held = held_by(request, timezone.localdate())
        if not any(map(_administers, held)):
            raise Http404
        return view(request, memberships=held, **kwargs)

    return guarded


def _administers(held: Membership) -> bool:
    """Tell whether it makes an administrator of whoever holds it: none is lent."""
    return held.role == Role.ADMINISTRATOR and held.principal is None


@require_safe
@for_administrators
def show(request: HttpRequest, *, memberships: list[Membership]) -> HttpResponse:
    parked, checked = incidents.parked(), queries.checked(timezone.now())
    page = paging.read(
        parked,
        queries.ORDER,
        size=lists.PAGE_SIZE,
        **lists.place(parked, queries.ORDER, request.GET),
    )
    context = {
        "page": page,
        "total": parked.count(),
        "openable": queries.openable(
            memberships,
            [message.event.case_id for message in page.rows]
            + [finding.case_id for finding in (checked.findings if checked else ())],
        ),
        "checked": checked,
        "missed": testimonies.missed(timezone.now()),
        "verified": queries.verified(timezone.now()),
        **lists.neighbours(page, lists.Address(request.path)),
    }
    return render(request, "desk/incidents.html", context)


@for_administrators
def replay(
    request: HttpRequest, *, memberships: list[Membership], message_id: int
) -> HttpResponse:
    if request.method == "POST":
        try:
            commands.replay(message_id=message_id, by=request.user, at=timezone.now())
        except commands.IncidentNotFound:
            messages.warning(request, "Cet envoi a déjà été relancé.")
        else:
            messages.success(request, "L’envoi est relancé.")
    return redirect("incidents")


@for_administrators
def replay_all(request: HttpRequest, *, memberships: list[Membership]) -> HttpResponse:
    if request.method == "POST":
        replayed = commands.replay_all(by=request.user, at=timezone.now())
        messages.success(request, _count_replayed(len(replayed)))
    return redirect("incidents")


def _count_replayed(number: int) -> str:
    if number == 0:
        return "Aucun envoi n’était à relancer."
    if number == 1:
        return "Un envoi est relancé."
    return f"{words.count(number)} envois sont relancés."


@for_administrators
def inspect(request: HttpRequest, *, memberships: list[Membership]) -> HttpResponse:
    if request.method == "POST":
        at = timezone.now()
        found = inspections.inspect(by=request.user, at=at, clock=timezone.now).found
        messages.success(request, _count_found(found))
    return redirect("incidents")


def _count_found(number: int) -> str:
    if number == 0:
        return "Contrôle fait : aucun dossier ne contredit les règles."
    noun = "constat" if number == 1 else "constats"
    return f"Contrôle fait : {words.count(number)} {noun}."
