"""One case: its time line, its verification, the proof that an event is sealed."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm import lists
from erbm.audit import commands
from erbm.audit.queries import entries, timelines
from erbm.audit.views.access import for_auditors
from workflow import paging
from workflow.cases import binding_of
from workflow.models import Case, Membership
from workflow.trail import proofs


@require_safe
@for_auditors
def show(
    request: HttpRequest, *, held: list[Membership], reference: str
) -> HttpResponse:
    case = _case(held, reference)
    commands.look(page="case", case=case, by=request.user, at=timezone.now())
    return render(request, "audit/case.html", _context(request, case))


@for_auditors
def verify(
    request: HttpRequest, *, held: list[Membership], reference: str
) -> HttpResponse:
    """Verify a case now, and say what holds and what does not."""
    case = _case(held, reference)
    if request.method != "POST":
        return redirect("audit:case", case.reference)
    at = timezone.now()
    commands.verify_case(case=case, by=request.user, at=at)
    context = {"case": case, "report": timelines.verified(case), "at": at}
    return render(request, "audit/verified.html", context)


@require_safe
@for_auditors
def proof(
    request: HttpRequest, *, held: list[Membership], reference: str, seq: int
) -> HttpResponse:
    """Show the way from an event to the root that is signed."""
    case = _case(held, reference)
    event = get_object_or_404(timelines.events_of(case), seq=seq)
    found = proofs.inclusion_of(event)
    if found is None:
        raise Http404
    facts = {"seq": seq}
    commands.look(
        page="proof", facts=facts, case=case, by=request.user, at=timezone.now()
    )
    context = {
        "case": case,
        "entry": timelines.read([event])[0],
        "proof": found,
        "path": [step.hex() for step in found.path],
    }
    return render(request, "audit/proof.html", context)


def _case(held: list[Membership], reference: str) -> Case:
    """
    Find a case of those that she audits.

    :raises Http404: if there is none, or none that she may look at
    """
    cases = timelines.cases(held).select_related("jurisdiction")
    return get_object_or_404(cases, reference=reference)


def _context(request: HttpRequest, case: Case) -> dict[str, Any]:
    events = timelines.events_of(case)
    order = timelines.IN_ORDER
    page = paging.read(
        events,
        order,
        size=timelines.PAGE_SIZE,
        **lists.place(events, order, request.GET),
    )
    process = binding_of(case.process, case.process_version).process
    return {
        "case": case,
        "process": process,
        "state": process.state_label(case.state),
        "entries": timelines.read(page.rows),
        "lines": entries.lines_of(timelines.registered(case)),
        **lists.neighbours(page, lists.Address(request.path)),
    }
