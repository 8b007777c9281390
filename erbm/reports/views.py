"""Reports in one click: as a document, as a workbook, as open data."""

import datetime
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.core.exceptions import BadRequest
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from erbm import printing, tables, words
from erbm.held import held_by
from erbm.reports import commands, contents, opendata
from erbm.reports.contents import Report
from erbm.reports.forms import ReportForm
from erbm.reports.queries import Programme
from workflow.deadlines import end_of
from workflow.models import Membership

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
OPEN_DATA = "subventions"


@dataclass(frozen=True, slots=True)
class Offered:
    """One report: how it is called for a day, and what it holds."""

    label: str
    title: Callable[[datetime.date], str]
    report: Report


REPORTS: Mapping[str, Offered] = {
    "bilan": Offered(
        "Bilan annuel", lambda day: f"Bilan {day.year} de l’ERBM", contents.review
    ),
    "copil": Offered(
        "Tableau du COPIL",
        lambda day: f"Tableau du COPIL au {words.day(day)}",
        contents.copil,
    ),
}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    return _page(request, ReportForm(initial={"until": today}, today=today), today)


def _page(
    request: HttpRequest, form: ReportForm, today: datetime.date, status: int = 200
) -> HttpResponse:
    grants = list(opendata.published(held_by(request, today), today))
    context = {
        "form": form,
        "reports": {name: one.label for name, one in REPORTS.items()},
        "grants": len(grants),
        "lacking": Counter(unit for one in grants for unit in one.lacks).most_common(),
        "last_year": datetime.date(today.year - 1, 12, 31),
    }
    return render(request, "reports/index.html", context, status=status)


@require_POST
def give(request: HttpRequest) -> HttpResponseBase:
    """Give the report that a button names, as of the day that the form says."""
    now = timezone.now()
    today = timezone.localdate(now)
    name, _, form = request.POST.get("wanted", "").partition(".")
    if name not in {*REPORTS, OPEN_DATA} or form not in {"pdf", "xlsx", "csv"}:
        raise BadRequest("Ce rapport n’est pas offert.")
    asked = ReportForm(request.POST, today=today)
    if not asked.is_valid():
        return _page(request, asked, today, status=422)
    until = asked.cleaned_data["until"]
    held = held_by(request, today)
    response = _made(name, form, until, min(end_of(until), now), held)
    commands.note_taken(name=name, form=form, until=until, by=request.user, at=now)
    filename = f"{name}-{until.isoformat()}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _made(
    name: str,
    form: str,
    until: datetime.date,
    at: datetime.datetime,
    held: list[Membership],
) -> HttpResponseBase:
    if name == OPEN_DATA:
        grants = list(opendata.published(held, until))
        return HttpResponse(
            opendata.csv_of(grants), content_type="text/csv; charset=utf-8"
        )
    offered, programme = REPORTS[name], Programme(held, at)
    if form == "pdf":
        document = contents.printed(offered.title(until), offered.report, programme)
        return HttpResponse(
            printing.print_out(document, at=at), content_type="application/pdf"
        )
    if form != "xlsx":
        raise Http404
    file = tempfile.TemporaryFile()  # noqa: SIM115 – closed with the response
    tables.write_xlsx(contents.sheets(offered.report, programme), file)
    file.seek(0)
    return FileResponse(file, content_type=XLSX)
