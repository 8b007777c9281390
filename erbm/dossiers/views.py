"""The dossier of a case: what it holds, and the whole of it in one click."""

import datetime

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from erbm.cases.views.acts import Visit, visit_any
from erbm.dossiers import commands, contents
from erbm.dossiers.packing import packed
from erbm.dossiers.queries import LARGEST, Dossier


@require_http_methods(["GET", "HEAD", "POST"])
def dossier(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Say what a dossier holds; give it, if it is asked for, and write that down."""
    visited = visit_any(request, pk)
    wanted = Dossier(
        visited.sheet,
        held=visited.held,
        by=visited.by,
        at=visited.at,
        with_files=request.POST.get("files") != "none",
    )
    if request.method != "POST":
        return _page(visited, wanted)
    if wanted.is_too_large:
        return _page(visited, wanted, status=413)
    return _given(wanted)


def _page(visited: Visit, wanted: Dossier, status: int = 200) -> HttpResponse:
    context = visited.context(dossier=wanted, largest=LARGEST)
    return render(visited.request, "dossiers/dossier.html", context, status=status)


def _given(wanted: Dossier) -> HttpResponseBase:
    pages = contents.pages(wanted)
    files = len(wanted.files) if wanted.with_files else 0
    commands.note_taken(
        case=wanted.sheet.case, documents=files, by=wanted.by, at=wanted.at
    )
    zipped = packed(contents.members(wanted, pages), at=wanted.at)
    response = StreamingHttpResponse(zipped, content_type="application/zip")
    name = f"dossier-{wanted.reference}-{_day(wanted.at)}.zip"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _day(at: datetime.datetime) -> str:
    return timezone.localdate(at).isoformat()
