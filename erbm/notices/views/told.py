"""The pages of what one is told."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from erbm.held import held_by
from erbm.lists import PAGE_SIZE, Address, neighbours, place
from erbm.notices import commands
from workflow import notices, paging
from workflow.models import Case, Notice
from workflow.paging import Order

LATEST_FIRST = Order(("created_at", "id"), descending=True)
Told = list[tuple[Case, list[tuple[Notice, str]]]]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show what one is told, case by case, the latest first."""
    everything = request.GET.get("tout") == "1"
    held = held_by(request, timezone.localdate())
    found = notices.notices_of(request.user, held)
    rows = (found if everything else found.unread()).select_related(
        "case", "unit", "principal"
    )
    page = paging.read(
        rows,
        LATEST_FIRST,
        size=PAGE_SIZE,
        **place(rows, LATEST_FIRST, request.GET.dict()),
    )
    address = Address(reverse("notices"), {"tout": "1"} if everything else {})
    context = {
        "groups": _by_case(page.rows),
        "everything": everything,
        **neighbours(page, address),
    }
    return render(request, "notices/index.html", context)


def _by_case(rows: Iterable[Notice]) -> Told:
    """Group by case, in the order of the latest notice of each, with the reasons."""
    by_case: dict[int, list[Notice]] = {}
    for notice in rows:
        by_case.setdefault(notice.case_id, []).append(notice)
    return [
        (told[0].case, [(one, notices.why(one)) for one in told])
        for told in by_case.values()
    ]


@require_POST
def read_case(request: HttpRequest, case_id: int) -> HttpResponse:
    commands.read_case(case_id=case_id, by=request.user, at=timezone.now())
    return redirect("notices")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    done = commands.read_all(by=request.user, at=timezone.now())
    if done:
        messages.success(request, "Tout est marqué comme lu.")
    return redirect("notices")
