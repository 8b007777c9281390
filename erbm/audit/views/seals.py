"""What seals the trail: checkpoints, keys, witnesses, and what others keep of them."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm import lists
from erbm.audit import commands
from erbm.audit.forms import WitnessForm
from erbm.audit.queries import seals, timelines, trail
from erbm.audit.views.access import for_auditors
from workflow import paging
from workflow.models import Checkpoint, Membership
from workflow.trail import proofs
from workflow.trail.notes import NotANote


@require_safe
@for_auditors
def show(request: HttpRequest, *, held: list[Membership]) -> HttpResponse:
    commands.look(page="seals", by=request.user, at=timezone.now())
    return render(request, "audit/seals.html", _context(request, WitnessForm()))


@for_auditors
def compare(request: HttpRequest, *, held: list[Membership]) -> HttpResponse:
    """Say whether the log holds what somebody kept of it."""
    if request.method != "POST":
        return redirect("audit:seals")
    form = WitnessForm(request.POST, request.FILES)
    context: dict[str, Any] = {}
    if form.is_valid():
        commands.look(page="comparison", by=request.user, at=timezone.now())
        context = _compared(held, form)
    status = 422 if form.errors else 200
    context |= _context(request, form)
    return render(request, "audit/seals.html", context, status=status)


def _compared(held: list[Membership], form: WitnessForm) -> dict[str, Any]:
    try:
        return {"comparison": proofs.compare(form.note)}
    except NotANote:
        receipt = seals.receipt_of(form.note, timelines.cases(held))
    if receipt is None:
        form.add_error("text", "Ce n’est ni une note signée, ni un reçu.")
        return {}
    sealed = trail.seals_of([receipt.event]) if receipt.event else {}
    return {"receipt": receipt, "seal": next(iter(sealed.values()), None)}


def _context(request: HttpRequest, form: WitnessForm) -> dict[str, Any]:
    checkpoints = Checkpoint.objects.all()
    page = paging.read(
        checkpoints,
        seals.LARGEST_FIRST,
        size=lists.PAGE_SIZE,
        **lists.place(checkpoints, seals.LARGEST_FIRST, request.GET),
    )
    return {
        "form": form,
        "checkpoints": seals.notes_of(page.rows),
        "keys": seals.keys(),
        "witnesses": seals.known_witnesses(),
        **lists.neighbours(page, lists.Address(request.path)),
    }


@require_safe
@for_auditors
def note(request: HttpRequest, *, held: list[Membership], size: int) -> HttpResponse:
    """Give the note that was signed, to keep where the operator cannot write."""
    found = Checkpoint.objects.filter(size=size).first()
    if found is None:
        raise Http404
    facts = {"size": found.size}
    commands.look(page="note", facts=facts, by=request.user, at=timezone.now())
    name = f"point-de-controle-{found.size}.note"
    return HttpResponse(
        found.note,
        content_type="text/plain; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
