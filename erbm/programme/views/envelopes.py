"""The envelopes: what is granted, shared out and used; opened, delegated, recalled."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm.forms import explain
from erbm.programme import commands, history, powers, queries
from erbm.programme.forms import (
    AmountForm,
    DelegationForm,
    EnvelopeForm,
    GrantForm,
)
from erbm.programme.models import Envelope
from erbm.programme.schemes import GRANTED_CHOICES, Scheme
from erbm.programme.views.access import for_services, may, only
from workflow.answers import MoveRefused


@require_safe
@for_services
def index(request: HttpRequest) -> HttpResponse:
    """Show the tree of the envelopes of a year."""
    years = queries.years()
    asked = request.GET.get("annee", "")
    year = int(asked) if asked.isascii() and asked.isdecimal() else None
    if year not in years:
        this = timezone.localdate().year
        year = this if this in years else max(years, default=None)
    scheme = request.GET.get("dispositif", "")
    place = request.GET.get("ressort", "").replace("\x00", "")
    nodes = queries.tree(year, scheme if scheme in Scheme.values else "", place)
    context = {
        "places": queries.places(),
        "place": place,
        "years": years,
        "year": year,
        "scheme": scheme,
        "schemes": GRANTED_CHOICES,
        "nodes": nodes,
        "totals": queries.totals([node.envelope for node in nodes]),
        "parts": queries.PARTS,
        "keeps": may(request, powers.TREASURERS),
    }
    return render(request, "programme/envelopes.html", context)


@require_safe
@for_services
def show(request: HttpRequest, *, pk: int) -> HttpResponse:
    """Show one envelope: its amounts, those below it, and what was changed of it."""
    envelope = _envelope(pk)
    children = envelope.children.with_places().in_order()
    context = {
        "envelope": envelope,
        "pieces": queries.pieces(envelope),
        "parts": queries.PARTS,
        "children": [queries.Node(one, 1, queries.pieces(one)) for one in children],
        "changes": history.of_row(envelope),
        "keeps": may(request, powers.TREASURERS),
    }
    return render(request, "programme/envelope.html", context)


@only(powers.TREASURERS)
def new(request: HttpRequest) -> HttpResponse:
    """Open the envelope of the region for a scheme and a year."""
    form = EnvelopeForm(
        request.POST or None, initial={"year": timezone.localdate().year}
    )
    return _answer(
        request,
        form,
        lambda said: (
            commands.open_envelope(
                scheme=Scheme(said["scheme"]),
                year=said["year"],
                cents=said["cents"],
                by=request.user,
                at=timezone.now(),
            ).pk
        ),
        {"title": "Ouvrir une enveloppe", "button": "Ouvrir l’enveloppe"},
    )


@only(powers.TREASURERS)
def grant(request: HttpRequest, *, pk: int) -> HttpResponse:
    """Add credits to an envelope, or cut them."""
    envelope = _envelope(pk)
    form = GrantForm(request.POST or None, initial={"seen": envelope.granted_cents})

    def act(said: dict[str, Any]) -> int:
        commands.grant_credits(
            envelope_id=pk,
            cents=form.signed_cents,
            seen=said["seen"],
            by=request.user,
            at=timezone.now(),
        )
        return pk

    words = {"title": "Abonder ou réduire", "button": "Enregistrer"}
    return _answer(request, form, act, {**words, "envelope": envelope})


@only(powers.TREASURERS)
def delegate(request: HttpRequest, *, pk: int) -> HttpResponse:
    """Hand credits over to an envelope below."""
    envelope = _envelope(pk)
    form = DelegationForm(
        request.POST or None,
        envelope=envelope,
        initial={"seen": envelope.delegated_cents},
    )

    def act(said: dict[str, Any]) -> int:
        return commands.delegate_credits(
            envelope_id=pk,
            place=form.chosen,
            cents=said["cents"],
            seen=said["seen"],
            by=request.user,
            at=timezone.now(),
        ).pk

    words = {"title": "Déléguer des crédits", "button": "Déléguer"}
    return _answer(request, form, act, {**words, "envelope": envelope})


@only(powers.TREASURERS)
def recall(request: HttpRequest, *, pk: int) -> HttpResponse:
    """Take credits back from an envelope."""
    envelope = _envelope(pk)
    form = AmountForm(request.POST or None, initial={"seen": envelope.granted_cents})

    def act(said: dict[str, Any]) -> int:
        commands.recall_credits(
            envelope_id=pk,
            cents=said["cents"],
            seen=said["seen"],
            by=request.user,
            at=timezone.now(),
        )
        return pk

    words = {"title": "Reprendre des crédits", "button": "Reprendre"}
    return _answer(request, form, act, {**words, "envelope": envelope})


def _answer(
    request: HttpRequest,
    form: Form,
    act: Callable[[dict[str, Any]], int],
    context: dict[str, Any],
) -> HttpResponse:
    """Show a form, or do what it says and show the envelope that it is about."""
    if request.method == "POST" and form.is_valid():
        try:
            pk = act(form.cleaned_data)
        except MoveRefused as refused:
            explain(form, refused.refusals)
        else:
            messages.success(request, "C’est enregistré, et inscrit au registre.")
            return redirect("programme:envelope", pk)
    status = 422 if form.errors else 200
    return render(
        request, "programme/act.html", {**context, "form": form}, status=status
    )


def _envelope(pk: int) -> Envelope:
    known = Envelope.objects.with_places().select_related("parent__jurisdiction")
    return get_object_or_404(known, pk=pk)
