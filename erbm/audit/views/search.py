"""The trail of all the cases that an auditor may look at."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm import lists
from erbm.audit import commands
from erbm.audit.forms import TrailFilters
from erbm.audit.queries import trail, verifications
from erbm.audit.views.access import audits_everything, for_auditors
from erbm.audit.views.finding import Search
from workflow import paging
from workflow.models import Membership


@require_safe
@for_auditors
def show(request: HttpRequest, *, held: list[Membership]) -> HttpResponse:
    search = Search(request, TrailFilters(request.GET))
    if search.only_one:
        return redirect(search.only_one)
    context = {
        "progress": verifications.progress(timezone.now()),
        "everything": audits_everything(held),
        **search.context,
    }
    if search.named is None:
        commands.look(
            page="search",
            facts={"criteria": search.filters.criteria},
            by=request.user,
            at=timezone.now(),
        )
        context |= _results(request, held, search)
    return render(request, "audit/search.html", context)


def _results(
    request: HttpRequest, held: list[Membership], search: Search
) -> dict[str, Any]:
    """Read a page of what answers the search."""
    found, parts = trail.found(held, search.filters.said)
    rows = found.select_related("case", "text", "actor", "principal", "unit")
    page = paging.read(
        rows,
        trail.LATEST_FIRST,
        size=lists.PAGE_SIZE,
        parts=parts,
        **lists.place(rows, trail.LATEST_FIRST, request.GET),
    )
    return {
        "rows": trail.rows_of(page.rows),
        "total": _in_words(paging.count(found)),
        **lists.neighbours(page, search.address),
    }


def _in_words(number: int) -> str:
    noun = "événements" if number > 1 else "événement"
    return f"{lists.bounded(number)} {noun}"
