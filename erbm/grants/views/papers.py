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
    """Give the receipt back as it was sent; print it if it has not been yet."""
    visited, name = visit(request, pk), "accuse-de-reception"
    sent = visited.sheet.acknowledgement
    if sent is None or not sent.is_kept:
        return _printed(visited, acts.receipt, name)
    with sent.file.open("rb") as file:
        return _given(visited, file.read(), name)


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
    return _given(visited, printing.print_out(document, at=visited.at), name)


def _given(visited: GrantVisit, pdf: bytes, name: str) -> HttpResponse:
    response = HttpResponse(pdf, content_type="application/pdf")
    filename = f"{visited.case.reference}-{name}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["Cache-Control"] = "private, no-store"
    return response
