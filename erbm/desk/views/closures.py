"""When one’s units are closed: everybody there sees it, who heads them says it."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm.desk import commands
from erbm.desk.forms import ClosureForm
from erbm.words import day
from workflow import standing
from workflow.models import Closure, Membership, Unit


@dataclass(frozen=True, slots=True)
class Days:
    """The closures of one unit that are not over; a form for who heads it."""

    unit: Unit
    closures: tuple[Closure, ...]
    form: ClosureForm | None


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return _page(request, timezone.localdate())


def add(request: HttpRequest, unit_id: int) -> HttpResponse:
    if request.method != "POST":  # as after a sign-in that interrupted the click
        return redirect("closures")
    at = timezone.now()
    form = ClosureForm(request.POST, prefix=str(unit_id))
    if not form.is_valid():
        return _page(request, timezone.localdate(at), {unit_id: form}, status=422)
    try:
        closure = commands.close_unit(
            unit_id=unit_id, by=request.user, at=at, **form.cleaned_data
        )
    except commands.NotHead:
        raise Http404 from None
    except commands.ClosureRefused as refused:
        form.add_error(None, str(refused))
        return _page(request, timezone.localdate(at), {unit_id: form}, status=422)
    messages.success(request, f"Fermeture inscrite{_when(closure)}.")
    return redirect("closures")


def remove(request: HttpRequest, unit_id: int, closure_id: int) -> HttpResponse:
    if request.method != "POST":
        return redirect("closures")
    try:
        closure = commands.reopen_unit(
            unit_id=unit_id, closure_id=closure_id, by=request.user, at=timezone.now()
        )
    except commands.NotHead:
        raise Http404 from None
    except commands.ClosureNotFound:
        messages.warning(request, "Cette fermeture a déjà été retirée.")
    else:
        messages.success(request, f"Fermeture retirée{_when(closure)}.")
    return redirect("closures")


def _page(
    request: HttpRequest,
    on: datetime.date,
    sent: dict[int, ClosureForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    units = list(_units(request.user, on, sent or {}))
    return render(request, "desk/closures.html", {"units": units}, status=status)


def _units(
    user: Any, on: datetime.date, sent: dict[int, ClosureForm]
) -> Iterator[Days]:
    held = Membership.objects.current(on).filter(user=user)
    units = Unit.objects.filter(memberships__in=held).distinct().order_by("name")
    headed = {unit.pk for unit in standing.headed_by(user, on)}
    found: dict[int, list[Closure]] = {}
    for closure in Closure.objects.not_over(on).filter(unit__in=units):
        found.setdefault(closure.unit_id, []).append(closure)
    for unit in units:
        form = sent.get(unit.pk) or ClosureForm(prefix=str(unit.pk))
        is_headed = unit.pk in headed
        yield Days(unit, tuple(found.get(unit.pk, ())), form if is_headed else None)


def _when(closure: Closure) -> str:
    if closure.first_on == closure.last_on:
        return f", le {day(closure.first_on)}"
    return f", du {day(closure.first_on)} au {day(closure.last_on)}"
