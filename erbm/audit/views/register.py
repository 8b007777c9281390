"""The register: sign-ins, refusals, settings, exports, and what auditors looked at."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm import lists
from erbm.audit import commands
from erbm.audit.forms import RegisterFilters
from erbm.audit.queries import entries
from erbm.audit.views.access import audits_everything, for_auditors
from erbm.audit.views.finding import Search
from workflow import paging
from workflow.models import Membership


@require_safe
@for_auditors
def show(request: HttpRequest, *, held: list[Membership]) -> HttpResponse:
    search = Search(request, RegisterFilters(request.GET))
    if search.only_one:
        return redirect(search.only_one)
    context = {"everything": audits_everything(held), **search.context}
    if search.named is None:
        commands.look(
            page="register",
            facts={"criteria": search.filters.criteria},
            by=request.user,
            at=timezone.now(),
        )
        context |= _results(request, held, search)
    return render(request, "audit/register.html", context)


def _results(
    request: HttpRequest, held: list[Membership], search: Search
) -> dict[str, Any]:
    """Read a page of what answers the search."""
    everything = audits_everything(held)
    found = entries.found(held, search.filters.said, everything=everything)
    rows = found.select_related("case", "actor", "text")
    page = paging.read(
        rows,
        entries.LATEST_FIRST,
        size=lists.PAGE_SIZE,
        **lists.place(rows, entries.LATEST_FIRST, request.GET),
    )
    return {
        "lines": entries.lines_of(page.rows),
        "total": _in_words(paging.count(found)),
        **lists.neighbours(page, search.address),
    }


def _in_words(number: int) -> str:
    noun = "inscriptions" if number > 1 else "inscription"
    return f"{lists.bounded(number)} {noun}"
