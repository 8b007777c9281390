"""The list of the conditions, and the page of one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm import lists
from erbm.cases.views.acts import visit
from erbm.held import held_by
from erbm.obligations import queries
from erbm.obligations.forms import ObligationFilters
from erbm.obligations.room import OBLIGATIONS
from workflow import paging


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    at = timezone.now()
    filters = ObligationFilters(request.GET)
    found = queries.known(held_by(request, timezone.localdate(at)), filters.said, at)
    address = lists.Address(request.path, filters.params)
    page = paging.read(
        found.with_facts(),
        queries.BY_DUE_DAY,
        size=lists.PAGE_SIZE,
        **lists.place(found, queries.BY_DUE_DAY, request.GET),
    )
    on = timezone.localdate(at)
    context = {
        "filters": filters,
        "chosen": filters.chosen(address),
        "reset_url": request.path,
        "page": page,
        "rows": [(one, one.is_overdue(on)) for one in page.rows],
        "total": _in_words(paging.count(found)),
        **lists.neighbours(page, address),
    }
    return render(request, "obligations/list.html", context)


def _in_words(number: int) -> str:
    noun = "conditions" if number > 1 else "condition"
    return f"{lists.bounded(number)} {noun}"


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    visited = visit(request, OBLIGATIONS, pk)
    return render(request, "obligations/detail.html", visited.context())
