"""The procedures as they are declared, and how many operations are where in them."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm.desk.queries.processes import counts_of, followed
from erbm.lists import Address
from workflow import diagrams
from workflow.bpmn import bpmn_of
from workflow.cases import bound_processes, latest_of
from workflow.diagrams import Count, Focus
from workflow.diagrams.tables import StateRow
from workflow.journeys import flow_of
from workflow.process import Process
from workflow.standing import memberships_of


@dataclass(frozen=True, slots=True)
class Place:
    """A state, the operations in it, and the list of them."""

    row: StateRow
    count: Count | None
    url: str


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    latest = {process.name: process for process in bound_processes()}
    return render(request, "desk/processes.html", {"processes": latest.values()})


@require_safe
def show(request: HttpRequest, name: str) -> HttpResponse:
    process = _asked(request, name)
    at = timezone.now()
    memberships = memberships_of(request.user, timezone.localdate(at))
    counts = counts_of(process, memberships, at)
    steps = flow_of(process.name, process.version).steps()
    context = {
        "process": process,
        "versions": followed(name, memberships),
        "latest": latest_of(name),
        "at": at,
        "picture": diagrams.svg_of(process, Focus(counts=counts)),
        "places": _places(process, counts),
        "moves": diagrams.moves_of(process, steps),
        "powers": diagrams.powers_of(process),
        "steps": diagrams.steps_of(process, steps),
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


def _places(process: Process, counts: Mapping[str, Count]) -> list[Place]:
    several = latest_of(process.name).version > 1
    listed = Address(reverse("operations:list"), {"kind": process.name}).having(
        version=str(process.version) if several else ""
    )
    return [
        Place(row, counts.get(row.name), str(listed.having(state=row.name)))
        for row in diagrams.states_of(process)
    ]


def _file(process: Process, suffix: str, text: str, content_type: str) -> HttpResponse:
    name = f"{process.name}-v{process.version}.{suffix}"
    return HttpResponse(
        text,
        content_type=f"{content_type}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
