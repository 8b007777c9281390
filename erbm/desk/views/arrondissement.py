"""The page of a sub-prefect: what she decides, what she chairs, what is stuck."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm.desk.queries.arrondissement import Desk, Stuck
from erbm.desk.views.access import only_for
from erbm.held import held_by
from erbm.lists import Address
from flows.roles import Role


@dataclass(frozen=True, slots=True)
class Late:
    """What one unit is late with, and the list of it."""

    stuck: Stuck
    url: str


@require_safe
@only_for(frozenset({Role.SUB_PREFECT}))
def show(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    desk = Desk(held_by(request, timezone.localdate(at)), at)
    late = Address(reverse("operations:list"), {"late": "1"})
    one_place = desk.places[0].code if len(desk.places) == 1 else ""
    context = {
        "desk": desk,
        "today": timezone.localdate(at),
        "several": len(desk.places) != 1,
        "late_url": str(late.having(jurisdiction=one_place)),
        "stuck": [
            Late(one, str(late.having(jurisdiction=one.jurisdiction, unit=one.unit)))
            for one in desk.stuck
        ],
    }
    return render(request, "desk/arrondissement.html", context)
