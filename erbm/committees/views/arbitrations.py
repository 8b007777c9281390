"""Where the sub-prefect arbitrates: what opposes the services, on one page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm.cases.views import acts
from erbm.held import held_by
from erbm.operations.room import OPERATIONS
from flows import operation as common
from flows.operation import State

OUTCOMES = (
    common.ARBITRATE_FOR,
    common.ARBITRATE_BACK,
    common.ARBITRATE_AGAINST,
)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """List what waits for an arbitration, the oldest first."""
    visible = OPERATIONS.visible(held_by(request, timezone.localdate()))
    waiting = visible.filter(case__state=State.ARBITRATION)
    context = {"operations": waiting.order_by("case__changed_at", "pk")}
    return render(request, "committees/arbitrations.html", context)


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show both positions, the opinions, the money and the calendar side by side."""
    visited = acts.visit(request, OPERATIONS, pk)
    if visited.case.state != State.ARBITRATION:
        raise Http404
    prospects = [visited.sheet.prospect(move) for move in OUTCOMES]
    context = visited.context(prospects=prospects)
    return render(request, "committees/arbitration.html", context)
