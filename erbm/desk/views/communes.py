"""The map of the communes of the programme, and the operations in each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm import words
from erbm.desk.forms import PipelineFilters
from erbm.desk.queries import operations
from erbm.desk.queries.communes import Town, towns
from erbm.held import held_by
from erbm.lists import Address
from erbm.territory.outlines import outlines

SHADES = (1, 2, 5, 10, 20)
"""From how many operations on a commune is darker."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A commune of the table, and the list of its operations."""

    town: Town
    url: str


@dataclass(frozen=True, slots=True)
class Area:
    """A commune as the map draws it."""

    path: str
    shade: int
    words: str
    url: str


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    filters = PipelineFilters(request.GET)
    memberships = held_by(request, timezone.localdate(at))
    found = operations.known(memberships, filters.said, at)
    behind = Address(reverse("operations:list"), filters.params)
    shown = [Shown(t, str(behind.having(commune=t.code))) for t in towns(found)]
    drawn = outlines()
    context = {
        "filters": filters,
        "chosen": filters.chosen(Address(request.path, filters.params)),
        "reset_url": request.path,
        "shown": shown,
        "outlines": drawn,
        "bare": _bare(shown),
        "areas": list(_areas(shown)),
        "legend": list(_legend()),
    }
    return render(request, "desk/communes.html", context)


def _bare(shown: Sequence[Shown]) -> str:
    """Return in one path the communes without operations."""
    known = {one.town.code for one in shown}
    communes = outlines().communes.items()
    return "".join(path for code, path in communes if code not in known)


def _areas(shown: Sequence[Shown]) -> Iterator[Area]:
    """Draw the communes that have operations, but for those that are off the map."""
    for one in shown:
        if path := outlines().communes.get(one.town.code):
            several = "s" if one.town.operations > 1 else ""
            said = f"{one.town.name}{words.FIXED}: {one.town.operations} opération"
            yield Area(path, _shade(one.town.operations), said + several, one.url)


def _shade(number: int) -> int:
    return sum(number >= least for least in SHADES)


def _legend() -> Iterator[tuple[int, str]]:
    """Say how many operations each shade stands for."""
    for rank, least in enumerate(SHADES, start=1):
        last = rank == len(SHADES)
        most = least if last else SHADES[rank] - 1
        span = str(least) if most == least else f"{least} à {most}"
        yield rank, f"{least} et plus" if last else span
