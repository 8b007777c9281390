"""The receipt of an event, at an address that a paper may bear."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm.held import held_by
from erbm.operations import journal
from erbm.operations.models import Operation
from erbm.operations.views.acts import visit
from workflow.models import Checkpoint, Event
from workflow.trail import receipts


@require_safe
def show(request: HttpRequest, reference: str, seq: int) -> HttpResponse:
    """Show what proves an event, and what seals it once it is sealed."""
    known = Operation.objects.visible_with(held_by(request, timezone.localdate()))
    operation = get_object_or_404(known, case__reference=reference)
    visited = visit(request, operation.pk)
    events = Event.objects.select_related("text")
    event = get_object_or_404(events, case=operation.case_id, seq=seq)
    receipt = receipts.of_event(event)
    context = {
        "operation": visited.operation,
        "case": visited.operation.case,
        "receipt": receipt,
        "line": journal.read([event])[0],
        "problems": receipts.problems(receipt),
        "checkpoint": Checkpoint.objects.filter(size=receipt.size or 0).first(),
    }
    return render(request, "operations/receipt.html", context)
