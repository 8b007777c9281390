"""Give a list of the desk as a file, to whoever may read it, and write that down."""

import datetime
import tempfile
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import BadRequest
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_POST

from erbm import tables
from erbm.desk import commands
from erbm.desk.forms import OperationFilters
from erbm.desk.queries import exports, operations
from erbm.desk.views import inbox
from erbm.held import held_by
from erbm.tables import Table

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@require_POST
def list_of_operations(request: HttpRequest) -> HttpResponseBase:
    """Give the operations that the list shows, all its pages together."""
    at = timezone.now()
    memberships = held_by(request, timezone.localdate(at))
    filters = OperationFilters(request.GET)
    found = operations.known(memberships, filters.said, at)
    listed, sorting = operations.sorted_for(found, filters.said)
    ordered = listed.with_facts().order_by(*sorting.order.terms())
    return _given(request, exports.operations(ordered), "operations", filters.said, at)


@require_POST
def box(request: HttpRequest) -> HttpResponseBase:
    """Give what a box of the inbox holds, all its pages together."""
    at = timezone.now()
    which, filters = inbox.asked(request.GET)
    desk = inbox.of(request, filters, at)
    table = exports.box(desk, which, inbox.LABELS[which])
    said = {"box": which.value, **filters.said}
    return _given(request, table, "taches", said, at)


def _given(
    request: HttpRequest,
    table: Table,
    name: str,
    said: Mapping[str, Any],
    at: datetime.datetime,
) -> HttpResponseBase:
    """Write in the register that a list is taken, then give it."""
    form = request.POST.get("form", "")
    if form not in TYPES:
        raise BadRequest("Ce format n’est pas offert.")
    commands.note_export(name=name, form=form, said=said, by=request.user, at=at)
    filename = f"{name}-{timezone.localdate(at)}.{form}"
    response = _csv(table, filename) if form == "csv" else _xlsx(table, filename)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _csv(table: Table, filename: str) -> HttpResponseBase:
    lines = tables.csv_lines(table)
    response = StreamingHttpResponse(lines, content_type=TYPES["csv"])
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _xlsx(table: Table, filename: str) -> HttpResponseBase:
    file = tempfile.TemporaryFile()  # noqa: SIM115 – closed with the response
    tables.write_xlsx([table], file)
    file.seek(0)
    return FileResponse(
        file, as_attachment=True, filename=filename, content_type=TYPES["xlsx"]
    )
