"""The documents of a grant and of its payments: joined, and given back as they came."""

import logging
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from erbm.cases.views.acts import Act, Visit, is_sent
from erbm.grants import commands
from erbm.grants.forms import PieceForm
from erbm.grants.models import RequestedPiece
from erbm.grants.views.visits import visit, visit_payment
from flows.payment import lifecycle as paying
from workflow.engine import Receipt
from workflow.refusals import Refusal

logger = logging.getLogger(__name__)


def join_grant(request: HttpRequest, pk: int) -> HttpResponse:
    visited = visit(request, pk)
    edit = visited.sheet.document_edit
    return _join(
        visited,
        label=edit.label,
        closed=visited.sheet.refusals_of(edit),
        requests=visited.sheet.unanswered,
    )


def join_payment(request: HttpRequest, pk: int) -> HttpResponse:
    visited = visit_payment(request, pk)
    edit = paying.ADD_DOCUMENT
    return _join(visited, label=edit.label, closed=visited.sheet.refusals_of(edit))


def _join(
    visited: Visit,
    *,
    label: str,
    closed: Iterable[Refusal],
    requests: Sequence[RequestedPiece] = (),
) -> HttpResponse:
    request, sent = visited.request, is_sent(visited.request)
    form = PieceForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        initial=visited.initial(
            kind=request.GET.get("nature", ""), answers=request.GET.get("demande", "")
        ),
        requests=requests,
    )
    act = Act(
        visited,
        form,
        title=label,
        button="Joindre",
        closed=() if sent else closed,
        note="Son empreinte est inscrite au journal : une pièce jointe ne change plus.",
    )
    return act.answer(lambda: _send(visited, form), "La pièce est jointe.")


def _send(visited: Visit, form: PieceForm) -> Receipt:
    return commands.add_document(
        case_id=visited.case.pk,
        process=visited.process,
        piece=commands.NewPiece(
            kind=form.cleaned_data["kind"],
            title=form.cleaned_data["title"],
            file=form.cleaned_data["file"],
            content_type=form.content_type,
            answers=form.cleaned_data.get("answers"),
        ),
        key=form.cleaned_data["key"],
        by=visited.by,
        at=visited.at,
    )


@require_safe
def of_grant(request: HttpRequest, pk: int, document_id: int) -> HttpResponseBase:
    return _given_back(visit(request, pk).grant.documents, document_id)


@require_safe
def of_payment(request: HttpRequest, pk: int, document_id: int) -> HttpResponseBase:
    documents = visit_payment(request, pk).payment.documents
    return _given_back(documents, document_id)


def _given_back(documents: Any, document_id: int) -> HttpResponseBase:
    """Give a document back, in a way that no browser will run what is in it."""
    document = get_object_or_404(documents, pk=document_id)
    try:
        content = document.file.open("rb")
    except FileNotFoundError:
        logger.exception("Document %s is not in the storage", document.pk)
        raise Http404 from None
    response = FileResponse(
        content,
        as_attachment=True,
        filename=document.filename,
        content_type=document.content_type,
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
