"""The page of a unit, for its people: a page of parts, each with its own question.

A part is a title, a template and a function that fills it; to add one is to add it to
`PARTS`.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from erbm.desk.forms import AbsenceForm
from erbm.desk.queries import people
from erbm.desk.views import inbox
from erbm.desk.views.absences import is_set
from erbm.held import held_by
from workflow import standing
from workflow.models import SavedView, Unit


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody of a unit before its page."""

    request: HttpRequest
    unit: Unit
    on: datetime.date
    is_head: bool
    form: AbsenceForm | None


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the page: `fill` returns what its template shows."""

    name: str
    title: str
    template: str
    fill: Callable[[Visit], dict[str, Any]]


def own(request: HttpRequest) -> HttpResponse:
    """Lead to the page of one's unit, or say that one has none."""
    units = people.units_of(held_by(request, timezone.localdate()))
    if not units:
        return render(request, "desk/unit/none.html")
    return redirect("unit", units[0].pk)


def show(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Show the parts of the page; a head sets the absences of the members there."""
    on = timezone.localdate()
    units = people.units_of(held_by(request, on))
    unit = next((unit for unit in units if unit.pk == unit_id), None)
    if unit is None:
        raise Http404
    is_head = unit in standing.headed_by(request.user, on)
    form = _form(request, unit, on) if is_head else None
    if request.method == "POST":
        if form is None:
            raise Http404
        if is_set(request, form, None, unit):
            return redirect("unit", unit.pk)
    visit = Visit(request, unit, on, is_head, form)
    context = {
        "unit": unit,
        "units": units,
        "parts": [(part, part.fill(visit)) for part in PARTS],
        "return_to": request.path,
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "desk/unit/show.html", context, status=status)


def _form(request: HttpRequest, unit: Unit, on: datetime.date) -> AbsenceForm:
    others = people.colleagues([unit], on, but=request.user)
    return AbsenceForm(request.POST or None, people=others, absent=others)


def _members(visit: Visit) -> dict[str, Any]:
    return {"members": people.members(visit.unit, visit.on)}


def _absences(visit: Visit) -> dict[str, Any]:
    found = people.absences_in(visit.unit, visit.request.user, visit.on)
    return {"absences": found, "form": visit.form}


def _views(visit: Visit) -> dict[str, Any]:
    shared = SavedView.objects.filter(unit=visit.unit).order_by("name", "pk")
    return {"views": [(view.name, inbox.url_of(view)) for view in shared]}


PARTS = (
    Part("membres", "Membres", "desk/unit/members.html", _members),
    Part("absences", "Absences", "desk/unit/absences.html", _absences),
    Part("vues", "Vues partagées", "desk/unit/views.html", _views),
)
