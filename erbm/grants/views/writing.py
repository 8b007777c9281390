"""What people write about grants and payments, beside the moves of the procedures."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from erbm.cases.views.acts import Act, is_sent
from erbm.grants import acts, commands, openings
from erbm.grants.forms import ActForm, EditPaymentForm, EnvelopeForm, EuropeanForm
from erbm.grants.models import EuropeanFunds, PaymentKind
from erbm.grants.views.visits import GrantVisit, visit, visit_payment
from flows.grant import edits
from flows.payment import lifecycle as paying

EUROPEAN_PIECES = (
    "Formulaire de demande signé",
    "Délibération",
    "Attestation de non-récupération de la TVA",
    "Marché et publicité",
    "Factures acquittées",
    "Preuves de paiement",
    "État récapitulatif des dépenses",
    "Preuves de publicité du cofinancement européen",
)
"""What managing authorities usually want; each changes the list as its own asks."""
FUNDS = (
    "programme",
    "axis",
    "objective",
    "authority",
    "reference",
    "eligible_from",
    "eligible_until",
    "rate",
)


def prepare_act(request: HttpRequest, pk: int) -> HttpResponse:
    visited = visit(request, pk)
    form = ActForm(
        request.POST if is_sent(request) else None,
        initial=visited.initial(**acts.proposed(visited.grant)),
    )
    edit = edits.PREPARE_ACT
    act = Act(
        visited,
        form,
        title=edit.label,
        button="Enregistrer l’acte",
        closed=() if is_sent(request) else visited.sheet.refusals_of(edit),
        note="Rien n’est attribué tant que l’autorité n’a pas signé. Chaque mention "
        "obligatoire qui manque interdit d’imprimer et de signer l’acte.",
    )
    return act.answer(
        lambda: commands.prepare_act(
            grant_id=visited.grant.pk,
            columns=form.columns,
            seen=form.cleaned_data["seen"],
            key=form.cleaned_data["key"],
            by=visited.by,
            at=visited.at,
        ),
        "L’acte est enregistré.",
    )


def envelope(request: HttpRequest, pk: int) -> HttpResponse:
    visited = visit(request, pk)
    grant = visited.grant
    form = EnvelopeForm(
        request.POST if is_sent(request) else None,
        initial=visited.initial(envelope=grant.envelope_id),
        envelopes=openings.envelopes_for(grant.operation, grant.scheme),
    )
    edit = edits.CHOOSE_ENVELOPE
    act = Act(
        visited,
        form,
        title=edit.label,
        button="Désigner",
        closed=() if is_sent(request) else visited.sheet.refusals_of(edit),
        note="Programmer la subvention y réservera son montant.",
    )
    return act.answer(
        lambda: commands.choose_envelope(
            grant_id=grant.pk,
            envelope=form.cleaned_data["envelope"],
            seen=form.cleaned_data["seen"],
            key=form.cleaned_data["key"],
            by=visited.by,
            at=visited.at,
        ),
        "L’enveloppe est désignée.",
    )


def european(request: HttpRequest, pk: int) -> HttpResponse:
    visited = visit(request, pk)
    form = EuropeanForm(
        request.POST if is_sent(request) else None,
        initial=visited.initial(**_begun(visited)),
    )
    edit = edits.DESCRIBE_EUROPEAN_FUNDS
    act = Act(
        visited,
        form,
        title=edit.label,
        button="Enregistrer",
        closed=() if is_sent(request) else visited.sheet.refusals_of(edit),
        note="Une pièce jointe répond à la ligne de la liste dont elle porte le titre.",
    )
    return act.answer(
        lambda: commands.describe_european_funds(
            grant_id=visited.grant.pk,
            columns=form.columns,
            pieces=form.answered(visited.sheet.documents),
            key=form.cleaned_data["key"],
            by=visited.by,
            at=visited.at,
        ),
        "Le fonds européen est renseigné.",
    )


def _begun(visited: GrantVisit) -> dict[str, Any]:
    """Return what the form begins with: what is known, or what is usual."""
    known: EuropeanFunds | None = visited.sheet.european
    if known is None:
        return {
            "authority": visited.grant.funder.name,
            "rate": visited.grant.rate or None,
            "pieces": "\n".join(EUROPEAN_PIECES),
        }
    wanted = known.pieces.order_by("rank").values_list("label", flat=True)
    columns = {name: getattr(known, name) for name in FUNDS}
    return {**columns, "pieces": "\n".join(wanted)}


def edit_payment(request: HttpRequest, pk: int) -> HttpResponse:
    visited = visit_payment(request, pk)
    payment = visited.payment
    form = EditPaymentForm(
        request.POST if is_sent(request) else None,
        initial=visited.initial(
            amount_cents=payment.amount_cents, spent_cents=payment.spent_cents
        ),
        kind=PaymentKind(payment.kind),
    )
    edit = paying.EDIT_AMOUNT
    act = Act(
        visited,
        form,
        title=edit.label,
        button="Enregistrer",
        closed=() if is_sent(request) else visited.sheet.refusals_of(edit),
    )
    return act.answer(
        lambda: commands.edit_payment(
            payment_id=payment.pk,
            draft=form.draft,
            seen=form.cleaned_data["seen"],
            key=form.cleaned_data["key"],
            by=visited.by,
            at=visited.at,
        ),
        "La demande est modifiée.",
    )
