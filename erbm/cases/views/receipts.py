"""The receipt of an event, at an address that a paper may bear."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from erbm.cases import journal
from erbm.cases.views.acts import visit_any
from workflow.models import Case, Checkpoint, Event
from workflow.trail import receipts


@require_safe
def show(request: HttpRequest, reference: str, seq: int) -> HttpResponse:
    """Show what proves an event, and what seals it once it is sealed."""
    case = get_object_or_404(Case, reference=reference)
    visited = visit_any(request, case.pk)
    events = Event.objects.select_related("text")
    event = get_object_or_404(events, case=visited.case, seq=seq)
    receipt = receipts.of_event(event)
    context = visited.context(
        receipt=receipt,
        line=journal.read([event])[0],
        problems=receipts.problems(receipt),
        checkpoint=Checkpoint.objects.filter(size=receipt.size or 0).first(),
    )
    return render(request, "cases/receipt.html", context)
