"""The sittings of every body, past and to come, and how the year is planned."""

import datetime
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm import lists
from erbm.committees import commands, queries
from erbm.committees.forms import (
    FUTURE,
    PAST,
    SittingFilters,
    SittingForm,
    YearForm,
)
from erbm.committees.models import Body
from erbm.committees.models.sittings import SittingQuerySet
from erbm.committees.room import SITTINGS
from erbm.forms import explain, new_key
from erbm.held import held_by
from workflow import paging
from workflow.models import Task
from workflow.paging import Order

LATEST_FIRST = Order(("held_on", "case_id"), descending=True)
SOONEST_FIRST = Order(("held_on", "case_id"))


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    memberships = held_by(request, timezone.localdate(at))
    bodies = list(Body.objects.in_service().order_by("pk"))
    # What is to come first: nobody opens the page for the end of next year.
    filters = SittingFilters(request.GET or {"when": FUTURE}, bodies=bodies)
    visible: Any = SITTINGS.visible(memberships)
    found = _kept(visible, filters.said, at)
    order = SOONEST_FIRST if filters.said.get("when") == FUTURE else LATEST_FIRST
    address = lists.Address(request.path, filters.params)
    page = paging.read(
        found.annotate(points=Count("items")),
        order,
        size=lists.PAGE_SIZE,
        **lists.place(found, order, request.GET),
    )
    context = {
        "filters": filters,
        "chosen": filters.chosen(address) if request.GET else [],
        "reset_url": request.path,
        "page": page,
        "total": _in_words(paging.count(found)),
        "calendars": queries.bodies_kept_by(memberships),
        "bodies": bodies,
        **lists.neighbours(page, address),
    }
    return render(request, "committees/list.html", context)


def _kept(
    sittings: SittingQuerySet, said: Mapping[str, Any], at: datetime.datetime
) -> SittingQuerySet:
    """Keep the sittings that the filters ask for."""
    today = timezone.localdate(at)
    if body := said.get("body"):
        sittings = sittings.filter(body__code=body)
    if said.get("when") == FUTURE:
        sittings = sittings.filter(held_on__gte=today)
    if said.get("when") == PAST:
        sittings = sittings.filter(held_on__lt=today)
    sittings = sittings.held_between(said.get("since"), said.get("until"))
    if place := said.get("jurisdiction"):
        sittings = sittings.examining(place)
    if state := said.get("state"):
        sittings = sittings.filter(case__state=state)
    return _asked(sittings, said, at)


def _asked(
    sittings: SittingQuerySet, said: Mapping[str, Any], at: datetime.datetime
) -> SittingQuerySet:
    """Keep those of which something is asked, or something late."""
    tasks = Task.objects.open() if said.get("step") else Task.objects.overdue(at)
    if step := said.get("step"):
        tasks = tasks.filter(step=step)
    if said.get("step") or said.get("late"):
        sittings = sittings.filter(case__in=tasks.values("case"))
    return sittings


def _in_words(number: int) -> str:
    noun = "séances" if number > 1 else "séance"
    return f"{lists.bounded(number)} {noun}"


def plan_year(request: HttpRequest, body_id: int) -> HttpResponse:
    """Plan the sittings that the rule of a body gives in a year."""
    at, body = timezone.now(), _kept_body(request, body_id)
    begun = {"key": new_key(), "year": timezone.localdate(at).year}
    form = YearForm(request.POST or None, initial=begun)

    def plan() -> HttpResponse:
        year = form.cleaned_data["year"]
        new = commands.plan_year(body_id=body.pk, year=year, by=request.user, at=at)
        messages.success(request, f"Séances prévues : {len(new)}.")
        address = lists.Address(reverse(SITTINGS.list_url), {"body": body.code})
        return redirect(str(address))

    return _planned(request, body, form, "Planifier l’année", plan)


def plan_sitting(request: HttpRequest, body_id: int) -> HttpResponse:
    """Plan a sitting beside those of the rule."""
    at, body = timezone.now(), _kept_body(request, body_id)
    begun = {"key": new_key(), "place": body.place}
    form = SittingForm(request.POST or None, initial=begun)

    def plan() -> HttpResponse:
        said = form.cleaned_data
        sitting = commands.plan_sitting(
            body_id=body.pk,
            held_on=said["held_on"],
            place=said["place"],
            key=said["key"],
            by=request.user,
            at=at,
        )
        messages.success(request, "La séance est prévue.")
        return redirect(SITTINGS.address(sitting.pk))

    return _planned(request, body, form, "Prévoir une séance", plan)


def _kept_body(request: HttpRequest, body_id: int) -> Body:
    """
    Return a body to whoever keeps its calendar.

    :raises Http404: if she does not
    """
    for body in queries.bodies_kept_by(held_by(request, timezone.localdate())):
        if body.pk == body_id:
            return body
    raise Http404


def _planned(
    request: HttpRequest, body: Body, form: Any, title: str, plan: Any
) -> HttpResponse:
    """Show the form, or do what it asks for."""
    status = 200
    if form.is_bound:
        if form.is_forged:
            raise BadRequest("Ce formulaire n’est pas des nôtres.")
        status = 422
        if form.is_valid():
            try:
                done: HttpResponse = plan()
            except commands.MoveRefused as refused:
                explain(form, refused.refusals)
            except commands.KeyReused:
                raise BadRequest("Ce formulaire a déjà servi.") from None
            else:
                return done
    context = {"form": form, "body": body, "title": title}
    return render(request, "committees/plan.html", context, status=status)
