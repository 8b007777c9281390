"""The procedures as they are declared, and how many operations are where in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm.cases.rooms import room_of
from erbm.desk.forms import MapFilters
from erbm.desk.queries.processes import followed, map_of, period_of
from erbm.held import held_by
from erbm.lists import Address
from workflow import diagrams
from workflow.bpmn import bpmn_of
from workflow.cases import bound_processes, latest_of
from workflow.diagrams import Count, Focus
from workflow.diagrams.tables import StateRow, StepRow
from workflow.journeys import Step, flow_of
from workflow.maps import Figure, Map
from workflow.process import Process


@dataclass(frozen=True, slots=True)
class Place:
    """A state, the figures of the operations in it, and the lists of them."""

    row: StateRow
    figure: Figure
    url: str
    late_url: str


@dataclass(frozen=True, slots=True)
class Asking:
    """A step, its figures, and the lists of the operations that wait there."""

    row: StepRow
    figure: Figure
    url: str
    late_url: str


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    latest = {process.name: process for process in bound_processes()}
    return render(request, "desk/processes.html", {"processes": latest.values()})


@require_safe
def show(request: HttpRequest, name: str) -> HttpResponse:
    process = _asked(request, name)
    at = timezone.now()
    memberships = held_by(request, timezone.localdate(at))
    filters = MapFilters(request.GET)
    found = map_of(process, memberships, filters.said, at)
    counts = {s: Count(f.waiting, f.overdue) for s, f in found.states.items()}
    steps = flow_of(process.name, process.version).steps()
    kept = {"version": request.GET.get("version", ""), **filters.params}
    context = {
        "process": process,
        "versions": followed(name, memberships),
        "latest": latest_of(name),
        "at": at,
        "filters": filters,
        "chosen": filters.chosen(Address(request.path).having(**kept)),
        "reset_url": request.path,
        "period": period_of(filters.said, at),
        "picture": diagrams.svg_of(process, Focus(counts=counts)),
        "places": _places(process, found, filters.params),
        "askings": _askings(process, steps, found, filters.params),
        "moves": diagrams.moves_of(process, steps),
        "powers": diagrams.powers_of(process),
        "edits": diagrams.edits_of(process),
    }
    return render(request, "desk/process.html", context)


@require_safe
def svg(request: HttpRequest, name: str) -> HttpResponse:
    process = _asked(request, name)
    return _file(process, "svg", diagrams.svg_of(process), "image/svg+xml")


@require_safe
def bpmn(request: HttpRequest, name: str) -> HttpResponse:
    process = _asked(request, name)
    flow = flow_of(process.name, process.version)
    return _file(process, "bpmn", bpmn_of(flow), "application/xml")


def _asked(request: HttpRequest, name: str) -> Process:
    """
    Return the procedure of that name, in the version asked for or the latest.

    :raises Http404: if there is none
    """
    wanted = request.GET.get("version", "")
    for process in reversed(bound_processes()):
        if process.name == name and wanted in {"", str(process.version)}:
            return process
    raise Http404


def _listed(process: Process, params: Mapping[str, str]) -> Address:
    """Return the list of the cases that the figures count."""
    several = latest_of(process.name).version > 1
    page = reverse(room_of(process.name).list_url)
    return Address(page, {"kind": process.name}).having(
        version=str(process.version) if several else "",
        jurisdiction=params.get("jurisdiction", ""),
    )


def _places(process: Process, found: Map, params: Mapping[str, str]) -> list[Place]:
    listed = _listed(process, params)
    return [
        Place(
            row,
            found.states.get(row.name, Figure()),
            str(listed.having(state=row.name)),
            str(listed.having(state=row.name, late="1")),
        )
        for row in diagrams.states_of(process)
    ]


def _askings(
    process: Process, steps: Sequence[Step], found: Map, params: Mapping[str, str]
) -> list[Asking]:
    listed = _listed(process, params)
    return [
        Asking(
            row,
            found.steps.get(step.name, Figure()),
            str(listed.having(step=step.name)),
            str(listed.having(step=step.name, late="1")),
        )
        for step, row in zip(steps, diagrams.steps_of(process, steps), strict=True)
    ]


def _file(process: Process, suffix: str, text: str, content_type: str) -> HttpResponse:
    name = f"{process.name}-v{process.version}.{suffix}"
    return HttpResponse(
        text,
        content_type=f"{content_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
