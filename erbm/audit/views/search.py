"""The trail of all the operations that an auditor may look at."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from erbm import lists
from erbm.accounts.models import User
from erbm.audit.forms import TrailFilters
from erbm.audit.queries import people, trail
from erbm.audit.views.access import for_auditors
from workflow import paging
from workflow.models import Membership


@require_safe
@for_auditors
def show(request: HttpRequest, *, held: list[Membership]) -> HttpResponse:
    filters = TrailFilters(request.GET)
    address = lists.Address(request.path, filters.params)
    named = people.named(filters.said["name"]) if "name" in filters.said else None
    if named and len(named) == 1:
        return redirect(str(address.having(name="", person=str(named[0].pk))))
    context: dict[str, Any] = {
        "filters": filters,
        "kept": {"person": filters.params["person"]} if _has_person(filters) else {},
        "chosen": filters.chosen(address),
        "reset_url": request.path,
    }
    if named is None:
        context |= _results(request, held, filters)
    else:
        context["people"] = [(one, _of(address, one)) for one in named[: people.SHOWN]]
        context["too_many"] = len(named) > people.SHOWN
    return render(request, "audit/search.html", context)


def _has_person(filters: TrailFilters) -> bool:
    return "person" in filters.said


def _of(address: lists.Address, person: User) -> str:
    return str(address.having(name="", person=str(person.pk)))


def _results(
    request: HttpRequest, held: list[Membership], filters: TrailFilters
) -> dict[str, Any]:
    """Read a page of what answers the search."""
    found, parts = trail.found(held, filters.said)
    rows = found.select_related("case", "text", "actor", "principal", "unit")
    page = paging.read(
        rows,
        trail.LATEST_FIRST,
        size=lists.PAGE_SIZE,
        parts=parts,
        **lists.place(rows, trail.LATEST_FIRST, request.GET),
    )
    address = lists.Address(request.path, filters.params)
    return {
        "rows": trail.rows_of(page.rows),
        "total": _in_words(paging.count(found)),
        **lists.neighbours(page, address),
    }


def _in_words(number: int) -> str:
    noun = "événements" if number > 1 else "événement"
    return f"{lists.bounded(number)} {noun}"
