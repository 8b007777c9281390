"""The papers of a grant, printed on demand from what it says."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from erbm import printing
from erbm.grants import acts
from erbm.grants.views.visits import GrantVisit, visit
from erbm.printing import Document


@require_safe
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Print the act; refuse, and say why, while a mandatory mention is missing."""
    visited = visit(request, pk)
    try:
        return _printed(visited, acts.act, "acte")
    except acts.ActIncomplete as incomplete:
        context = visited.context(sentences=incomplete.sentences)
        return render(request, "grants/act_incomplete.html", context, status=409)


@require_safe
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    return _printed(visit(request, pk), acts.receipt, "accuse-de-reception")


@require_safe
def notification(request: HttpRequest, pk: int) -> HttpResponse:
    visited = visit(request, pk)
    if visited.grant.signed_on is None:
        raise Http404
    return _printed(visited, acts.notification, "notification")


@require_safe
def european(request: HttpRequest, pk: int) -> HttpResponse:
    visited = visit(request, pk)
    if visited.sheet.european is None:
        raise Http404
    return _printed(visited, acts.pieces_for_the_authority, "pieces-justificatives")


def _printed(
    visited: GrantVisit, write: Callable[..., Document], name: str
) -> HttpResponse:
    document: Any = write(visited.grant, by=visited.by, at=visited.at)
    response = HttpResponse(
        printing.print_out(document, at=visited.at), content_type="application/pdf"
    )
    filename = f"{visited.case.reference}-{name}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["Cache-Control"] = "private, no-store"
    return response
