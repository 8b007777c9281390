"""One move on many operations: choose it, foresee it, start it, read the report."""

import datetime
import uuid
from collections import Counter
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from erbm.cases.sayings import Saying
from erbm.desk import commands
from erbm.desk.views import inbox
from erbm.desk.views.claims import return_to
from erbm.forms import new_key
from erbm.lists import LARGEST_WHOLE
from workflow import bulk
from workflow.bulk import Verdict
from workflow.inbox import addressed_to
from workflow.models import Batch, Outcome
from workflow.process import Move

SHOWN = 20
LATEST = 50


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a move would do to the cases of a batch."""

    verdicts: list[Verdict]

    @property
    def passing(self) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.passes]

    @property
    def refused(self) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if not verdict.passes]


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    latest = bulk.started_by(request.user)[:LATEST]
    context = {"batches": [(batch, bulk.tally(batch)) for batch in latest]}
    return render(request, "desk/batch/index.html", context)


@require_POST
def prepare(request: HttpRequest) -> HttpResponse:
    """Put aside the operations of the tasks ticked, or of a whole box."""
    came_from, key, at = return_to(request), _key(request), timezone.now()
    try:
        batch = commands.prepare_batch(
            case_ids=_chosen(request, came_from, at), key=key, by=request.user, at=at
        )
    except commands.BatchRefused as refused:
        messages.warning(request, str(refused))
        return redirect(came_from)
    return redirect("batch", batch.pk)


def _chosen(request: HttpRequest, came_from: str, at: datetime.datetime) -> set[int]:
    """Return the ids of the cases of the tasks ticked, or of the whole box."""
    name, filters = inbox.filters_at(came_from)
    desk = inbox.of(request, filters, at)
    if "whole" in request.POST:
        tasks = desk.tasks(desk.box(name)).open()
        first = tasks.order_by("sort_at", "pk")[: bulk.MOST]
        return set(first.values_list("case", flat=True))
    ticked = set(filter(None, map(_number, request.POST.getlist("task"))))
    known = addressed_to(desk.memberships).filter(pk__in=ticked)
    return set(known.values_list("case", flat=True))


def _number(said: str) -> int | None:
    """Read the number of a task; none if no task can bear it."""
    number = int(said) if said.isascii() and said.isdecimal() else 0
    return number if number <= LARGEST_WHOLE else None


def _key(request: HttpRequest) -> uuid.UUID:
    try:
        return uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        raise BadRequest("Ce formulaire n’est pas des nôtres.") from None


@sensitive_post_parameters("password")
def show(request: HttpRequest, batch_id: int) -> HttpResponse:
    batch = _batch(request, batch_id)
    if batch.started_at is not None:
        return _report(request, batch)
    offers = bulk.offers(batch, at=timezone.now())
    wanted = request.POST.get("move") or request.GET.get("geste", "")
    moves = {offer.move.name: offer.move for offer in offers}
    if wanted not in moves:
        context = {"batch": batch, "offers": offers, "total": batch.items.count()}
        return render(request, "desk/batch/choose.html", context)
    return _foresee(request, batch, moves[wanted])


@require_safe
def progress(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Show again the part of a report that changes while the batch is under way."""
    batch = _batch(request, batch_id)
    return render(request, "desk/batch/progress.html", _outcomes(batch))


def _batch(request: HttpRequest, batch_id: int) -> Batch:
    try:
        return bulk.batch_of(batch_id, by=request.user)
    except bulk.BatchNotFound:
        raise Http404 from None


def _foresee(request: HttpRequest, batch: Batch, move: Move) -> HttpResponse:
    """Say what would become of each case, and start if the person says so."""
    sent = request.method == "POST"
    form = Saying(
        request.POST if sent else None,
        initial={"key": new_key()},
        move=move,
        by=request.user,
    )
    if sent and form.is_valid():
        now = timezone.now()
        commands.start_batch(
            batch_id=batch.pk,
            said=bulk.Said(
                move=move,
                inputs=form.said,
                reason=form.reason,
                effective_on=form.effective_on,
                # The form has just checked the password, if it asked for one.
                confirmed_at=now if move.reauthenticate else None,
            ),
            by=request.user,
            at=now,
        )
        return redirect("batch", batch.pk)
    forecast = Forecast(bulk.preview(batch, move.name, at=timezone.now()))
    context = {
        "batch": batch,
        "move": move,
        "form": form,
        "forecast": forecast,
        "reasons": _reasons(forecast.refused),
    }
    return render(
        request, "desk/batch/foresee.html", context, status=422 if sent else 200
    )


def _reasons(refused: list[Verdict]) -> list[tuple[str, int]]:
    """Count the reasons of the refusals, the most frequent first."""
    said = Counter(r.message for verdict in refused for r in verdict.refusals)
    return said.most_common(SHOWN)


def _report(request: HttpRequest, batch: Batch) -> HttpResponse:
    return render(request, "desk/batch/report.html", _outcomes(batch))


def _outcomes(batch: Batch) -> dict[str, object]:
    items = list(batch.items.select_related("case", "event").order_by("pk"))
    counts = Counter(item.outcome for item in items)
    # What needs somebody comes first.
    items.sort(key=lambda item: item.outcome == Outcome.MADE)
    return {
        "batch": batch,
        "items": items,
        "total": len(items),
        "tried": len(items) - counts[Outcome.WAITING],
        "counts": [(o.label, counts[o]) for o in Outcome if counts[o]],
    }
