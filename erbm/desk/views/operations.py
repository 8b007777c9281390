"""The list of operations, and the search among them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm import lists
from erbm.desk.forms import OperationFilters
from erbm.desk.queries import operations
from erbm.held import held_by
from flows.roles import Role
from workflow import paging


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    memberships = held_by(request, timezone.localdate())
    filters = OperationFilters(request.GET)
    found = operations.known(memberships, filters.said, timezone.now())
    listed, sorting = operations.sorted_for(found, filters.said)
    address = lists.Address(request.path, filters.params)
    page = paging.read(
        listed.with_facts(),
        sorting.order,
        size=lists.PAGE_SIZE,
        **lists.place(listed, sorting.order, request.GET),
    )
    context = {
        "filters": filters,
        "chosen": filters.chosen(address),
        "reset_url": request.path,
        "page": page,
        "total": _in_words(paging.count(found)),
        "sorting": sorting,
        "export_url": str(lists.Address(reverse("operations:export"), filters.params)),
        "may_open": any(held.role == Role.OWNER for held in memberships),
        **lists.neighbours(page, address),
    }
    return render(request, "desk/operations.html", context)


def _in_words(number: int) -> str:
    noun = "opérations" if number > 1 else "opération"
    return f"{lists.bounded(number)} {noun}"
