"""The documents of an operation: joined, and given back as they came."""

import logging

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from erbm.cases.views.acts import Act, is_sent
from erbm.operations import commands
from erbm.operations.forms import DocumentForm
from erbm.operations.models import Filed
from erbm.operations.views.visits import visit
from flows.edits import ADD_DOCUMENT

logger = logging.getLogger(__name__)


def new(request: HttpRequest, pk: int) -> HttpResponse:
    visited = visit(request, pk)
    operation = visited.operation
    sent = is_sent(request)
    form = DocumentForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        initial=visited.initial(
            kind=request.GET.get("nature", ""), answers=request.GET.get("demande", "")
        ),
        requests=visited.sheet.unanswered,
    )
    act = Act(
        visited,
        form,
        title=visited.sheet.document_edit.label,
        button=ADD_DOCUMENT.label,
        closed=() if sent else visited.sheet.refusals_of(visited.sheet.document_edit),
        note="Son empreinte est inscrite au journal : une pièce jointe ne change plus.",
    )
    return act.answer(
        lambda: commands.add_document(
            operation_id=operation.pk,
            process=operation.process,
            document=commands.NewDocument(
                kind=form.cleaned_data["kind"],
                title=form.cleaned_data["title"],
                file=form.cleaned_data["file"],
                content_type=form.content_type,
                answers=form.cleaned_data.get("answers"),
                edit=visited.sheet.document_edit,
            ),
            key=form.cleaned_data["key"],
            by=visited.by,
            at=visited.at,
        ),
        "La pièce est jointe.",
    )


@require_safe
def download(request: HttpRequest, pk: int, document_id: int) -> HttpResponseBase:
    documents = visit(request, pk).operation.documents
    return given_back(get_object_or_404(documents, pk=document_id))


def given_back(filed: Filed) -> HttpResponseBase:
    """
    Give a file back, in a way that no browser will run what is in it.

    :raises Http404: if the storage has lost it
    """
    try:
        content = filed.file.open("rb")
    except FileNotFoundError:
        logger.exception("%s %s is not in the storage", type(filed).__name__, filed.pk)
        raise Http404 from None
    response = FileResponse(
        content,
        as_attachment=True,
        filename=filed.filename,
        content_type=filed.content_type,
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
