"""What a sitting prints, and gives to go on writing: sheets, minutes, a report."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from erbm.cases.views import acts
from erbm.committees import printed
from erbm.committees.decisions import BodyKind
from erbm.committees.printed import Edition
from erbm.committees.views.visits import SittingVisit, visit
from erbm.operations.room import OPERATIONS
from erbm.printing import Document, editable, print_out
from flows.sitting.lifecycle import State

PDF, DOCX = "pdf", "docx"


def _pdf(document: Document, visited: acts.Visit, name: str) -> HttpResponse:
    response = HttpResponse(
        print_out(document, at=visited.at), content_type="application/pdf"
    )
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


def _docx(document: Document, visited: acts.Visit, name: str) -> HttpResponse:
    content = editable.docx_of(document, at=visited.at)
    response = HttpResponse(content, content_type=editable.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}.docx"'
    return response


GIVEN = {PDF: _pdf, DOCX: _docx}


@require_safe
def operation_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    visited = acts.visit(request, OPERATIONS, pk)
    document = printed.sheet_of(visited.sheet, _edition(visited))
    return _pdf(document, visited, f"fiche-{visited.case.reference}")


@require_safe
def minutes(request: HttpRequest, pk: int, given: str = PDF) -> HttpResponse:
    visited = _closed(request, pk)
    document = printed.minutes_of(visited.sitting, _edition(visited))
    return GIVEN[given](document, visited, f"releve-{visited.case.reference}")


@require_safe
def extract(
    request: HttpRequest, pk: int, item_id: int, given: str = PDF
) -> HttpResponse:
    visited = _closed(request, pk)
    item = get_object_or_404(visited.sitting.items, pk=item_id, number__isnull=False)
    document = printed.extract_of(item, _edition(visited))
    return GIVEN[given](document, visited, f"extrait-{item.number_label}")


@require_safe
def report(request: HttpRequest, pk: int, given: str = PDF) -> HttpResponse:
    """Print the report of the committees to the COPIL."""
    visited = visit(request, pk)
    if visited.sitting.body.kind != BodyKind.COPIL:
        raise Http404
    document = printed.report_of(visited.sitting, _edition(visited))
    return GIVEN[given](document, visited, f"rapport-{visited.case.reference}")


def _edition(visited: acts.Visit) -> Edition:
    return Edition(visited.by, visited.at)


def _closed(request: HttpRequest, pk: int) -> SittingVisit:
    """
    Return a sitting that has minutes: none before it is closed.

    :raises Http404: if it has none
    """
    visited = visit(request, pk)
    if visited.case.state not in {State.CLOSED, State.PUBLISHED}:
        raise Http404
    return visited
