"""Who can do what, as the procedures declare it, and what the words mean."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm.cases import rooms
from erbm.desk.forms import EVERYBODY, RightsFilters
from erbm.desk.terms import TERMS
from erbm.held import held_by
from erbm.lists import Address
from flows.roles import Role
from workflow import diagrams
from workflow.diagrams.powers import Right
from workflow.process import Process


@dataclass(frozen=True, slots=True)
class Place:
    """A state, and what some roles may do there."""

    label: str
    stage: str
    rights: tuple[Right, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """
    What some roles may do in a procedure.

    - `readers`: those among them that see all its cases in their territory.
    """

    process: Process
    places: tuple[Place, ...]
    readers: tuple[str, ...]


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show what a role may do, in each state of each procedure."""
    filters = RightsFilters(request.GET)
    roles = _roles(request, filters.said.get("role", ""))
    latest = {process.name: process for process in rooms.processes()}
    context = {
        "filters": filters,
        "chosen": filters.chosen(Address(request.path)),
        "reset_url": request.path,
        "roles": [role.label for role in Role if role in roles],
        "is_everybody": len(roles) == len(Role),
        "parts": [_part(process, roles) for process in latest.values()],
    }
    return render(request, "desk/rights.html", context)


@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/glossary.html", {"terms": sorted(_terms())})


def _terms() -> Iterator[tuple[str, str]]:
    for word, meaning in TERMS.items():
        yield word[:1].upper() + word[1:], meaning


def _roles(request: HttpRequest, asked: str) -> Collection[str]:
    """Return the roles that are asked for: those of the person, if none is."""
    if asked == EVERYBODY:
        return list(Role)
    if asked:
        return [asked]
    return {held.role for held in held_by(request, timezone.localdate())}


def _part(process: Process, roles: Collection[str]) -> Part:
    found = (
        Place(row.label, row.stage, _rights(process, row.name, roles))
        for row in diagrams.states_of(process)
    )
    readers = (str(role) for role in process.roles.values if role in process.readers)
    return Part(
        process,
        tuple(place for place in found if place.rights),
        tuple(process.role_label(role) for role in readers if role in roles),
    )


def _rights(process: Process, state: str, roles: Collection[str]) -> tuple[Right, ...]:
    rights = diagrams.rights_of(process, state)
    return tuple(right for right in rights if right.role in roles)
