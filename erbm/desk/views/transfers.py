"""Operations that change version: prepare, read the trial, let pass, bring back."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm import words
from erbm.desk import transfers
from erbm.desk.forms.transfers import TransferForm
from erbm.desk.queries import incidents
from erbm.desk.queries import transfers as queries
from erbm.forms import new_key
from erbm.held import held_by
from erbm.words import typeset
from workflow.models import Transfer

View = Callable[..., HttpResponse]


def for_those_in_charge(view: View) -> View:
    """Hide a page from whoever does not answer for the versions."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if transfers.role_of(request.user, timezone.localdate()) is None:
            raise Http404
        return view(request, **kwargs)

    return guarded


@require_safe
@for_those_in_charge
def index(request: HttpRequest) -> HttpResponse:
    found = [(one, queries.taken(one)) for one in queries.listing()]
    context = {"transfers": found, "ways": queries.ways()}
    return render(request, "desk/transfers/index.html", context)


@for_those_in_charge
def new(request: HttpRequest) -> HttpResponse:
    way = queries.way_of(request.GET.get("passage", ""))
    if way is None:
        raise Http404
    form = TransferForm(request.POST or None, way=way, initial={"key": new_key()})
    if request.method == "POST" and form.is_valid():
        transfer = _prepared(request, form)
        if transfer is not None:
            return redirect("transfer", transfer.pk)
    context = {"way": way, "form": form, "followers": way.followers()}
    status = 422 if form.errors else 200
    return render(request, "desk/transfers/new.html", context, status=status)


def _prepared(request: HttpRequest, form: TransferForm) -> Transfer | None:
    """Prepare what a form says, or write in it why not."""
    said, way = form.cleaned_data, form.way
    wanted = transfers.Request(
        process=way.before.name,
        before=way.before.version,
        after=way.after.version,
        reason=said["reason"],
        states=form.said_of("state"),
        steps=form.said_of("step"),
        keeps_signatures=said["keeps_signatures"],
        key=said["key"],
    )
    try:
        return transfers.prepare(
            request=wanted,
            references=said["references"],
            with_closed=said["with_closed"],
            by=request.user,
            at=timezone.now(),
        )
    except transfers.TransferRefused as refused:
        form.add_error(None, typeset(str(refused)))
    return None


@require_safe
@for_those_in_charge
def show(request: HttpRequest, transfer_id: int) -> HttpResponse:
    found = Transfer.objects.select_related("planned_by")
    transfer = get_object_or_404(found, pk=transfer_id)
    way, lines = queries.taken(transfer), queries.lines(transfer)
    held = held_by(request, timezone.localdate())
    tally = queries.tally(lines)
    shown = lines[: queries.LISTED]
    context = {
        "transfer": transfer,
        "way": way,
        "renamed": list(queries.renamed(transfer, way)) if way else [],
        "lines": shown,
        "untold": len(lines) - len(shown),
        "tally": [(issue.value, count) for issue, count in tally.items()],
        "waiting": tally.get(queries.Issue.WAITING, 0),
        "refused": tally.get(queries.Issue.REFUSED, 0),
        "made": sum(tally.get(i, 0) for i in (queries.Issue.MADE, queries.Issue.STAYS)),
        "is_begun": any(line.passage.done_at for line in lines),
        "at_once": transfers.AT_ONCE,
        "openable": incidents.openable(held, [line.passage.case_id for line in shown]),
    }
    return render(request, "desk/transfers/show.html", context)


@for_those_in_charge
def try_out(request: HttpRequest, transfer_id: int) -> HttpResponse:
    if request.method == "POST":
        try:
            report = transfers.try_out(
                transfer_id=transfer_id, by=request.user, at=timezone.now()
            )
        except transfers.NotInCharge:
            raise Http404 from None
        _tell(
            request,
            f"Essai fait. Passeraient : {words.count(report.left)}. Refusés : "
            f"{words.count(report.refused)}.",
        )
    return redirect("transfer", transfer_id)


@for_those_in_charge
def carry(request: HttpRequest, transfer_id: int) -> HttpResponse:
    if request.method == "POST":
        report = _acted(request, transfers.carry, transfer_id)
        _tell(
            request,
            f"Passés : {words.count(report.done)}. Refusés : "
            f"{words.count(report.refused)}. Restent : {words.count(report.left)}.",
        )
    return redirect("transfer", transfer_id)


@for_those_in_charge
def bring_back(request: HttpRequest, transfer_id: int) -> HttpResponse:
    if request.method == "POST":
        report = _acted(request, transfers.bring_back, transfer_id)
        _tell(
            request,
            f"Ramenés : {words.count(report.done)}. Ne peuvent l’être : "
            f"{words.count(report.refused)}.",
        )
    return redirect("transfer", transfer_id)


def _acted(
    request: HttpRequest, act: Callable[..., transfers.Report], transfer_id: int
) -> transfers.Report:
    try:
        return act(transfer_id=transfer_id, by=request.user, clock=timezone.now)
    except transfers.NotInCharge:
        raise Http404 from None


def _tell(request: HttpRequest, message: str) -> None:
    messages.info(request, typeset(message))
