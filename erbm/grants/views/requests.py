"""What owners ask for: the grant of a line of the plan, a payment of a grant."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from erbm.cases.rooms import Room
from erbm.cases.views.acts import Act, is_sent
from erbm.forms import Keyed, explain
from erbm.grants import commands
from erbm.grants.forms import PaymentForm
from erbm.grants.models import PaymentKind
from erbm.grants.queries import request_refusals
from erbm.grants.room import GRANTS, PAYMENTS
from erbm.grants.views.visits import visit
from erbm.operations.views.visits import visit as visit_operation
from erbm.words import money


def grant(request: HttpRequest, pk: int, line_id: int) -> HttpResponse:
    """Ask for the grant of a line of an operation."""
    visited = visit_operation(request, pk)
    lines = visited.operation.lines.grants().select_related("funder")
    line = lines.filter(pk=line_id).first()
    if line is None:
        raise Http404
    form = Keyed(request.POST if is_sent(request) else None, initial=visited.initial())
    held = visited.sheet.situation.standing.held
    act = Act(
        visited,
        form,
        title="Demander une subvention",
        button="Demander",
        closed=()
        if is_sent(request)
        else request_refusals(visited.operation, line, held),
        note=f"{line} : {money(line.amount_cents)}. La date de la demande est celle de "
        "ce jour ; l’accusé de réception est disponible aussitôt.",
    )
    return _opened(
        act,
        GRANTS,
        lambda: commands.request_grant(
            line_id=line.pk,
            operation_id=visited.operation.pk,
            key=form.cleaned_data["key"],
            by=visited.by,
            at=visited.at,
        ),
        "La subvention est demandée.",
    )


def payment(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Prepare a payment of a grant, which is then justified and asked for."""
    visited = visit(request, pk)
    if kind not in PaymentKind.values:
        raise Http404
    wanted = PaymentKind(kind)
    form = PaymentForm(
        request.POST if is_sent(request) else None,
        initial=visited.initial(),
        kind=wanted,
    )
    act = Act(
        visited,
        form,
        title=f"Préparer une demande : {wanted.label.lower()}",
        button="Préparer la demande",
        closed=() if is_sent(request) else visited.sheet.payment_refusals(wanted),
        note="La demande se complète de ses justificatifs, puis se présente.",
    )
    return _opened(
        act,
        PAYMENTS,
        lambda: commands.prepare_payment(
            grant_id=visited.grant.pk,
            draft=form.draft,
            key=form.cleaned_data["key"],
            by=visited.by,
            at=visited.at,
        ),
        "La demande est préparée : joignez ses justificatifs, puis présentez-la.",
    )


def _opened(act: Act, room: Room, send: Callable[[], Any], done: str) -> HttpResponse:
    """Show a form, or open what it asks for and lead there."""
    if not is_sent(act.visit.request):
        return act.page()
    if act.form.is_forged:
        raise BadRequest("Ce formulaire n’est pas des nôtres.")
    if not act.form.is_valid():
        return act.page(status=422)
    try:
        opened = send()
    except commands.MoveRefused as refused:
        explain(act.form, refused.refusals)
        return act.page(status=422)
    except commands.KeyReused:
        raise BadRequest("Ce formulaire a déjà servi.") from None
    messages.success(act.visit.request, done)
    return redirect(room.address(opened.pk))
