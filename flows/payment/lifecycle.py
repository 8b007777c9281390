"""One payment of a grant: asked by its owner, certified by another, paid by a third."""

import datetime
from collections.abc import Collection, Mapping
from typing import Any, Protocol

from django.db.models import TextChoices

from flows.roles import AUDIENCES, Role
from flows.stages import Stage
from workflow.process import (
    Edit,
    Input,
    InputKind,
    Move,
    Process,
    any_of,
    input_rule,
    requirement,
)


class State(TextChoices):
    DRAFT = "draft", "En préparation"
    REQUESTED = "requested", "Demandé"
    CERTIFIED = "certified", "Certifié"
    PAID = "paid", "Payé"
    REFUSED = "refused", "Refusé"
    DROPPED = "dropped", "Abandonné"


STAGES = {
    State.DRAFT: Stage.DELIVERY,
    State.REQUESTED: Stage.DELIVERY,
    State.CERTIFIED: Stage.DELIVERY,
    State.PAID: Stage.END,
    State.REFUSED: Stage.END,
    State.DROPPED: Stage.END,
}
FINAL = frozenset({State.PAID, State.REFUSED, State.DROPPED})
RUNNING = frozenset({State.REQUESTED, State.CERTIFIED})
OWNER = (Role.OWNER,)


class Payable(Protocol):
    """What the procedure needs to know of a payment."""

    def obstacles(self) -> Collection[str]: ...

    def missing_documents(self) -> Collection[str]: ...

    def certification_faults(self, said: Mapping[str, Any]) -> dict[str, str]: ...

    def payment_faults(self, said: Mapping[str, Any]) -> dict[str, str]: ...


@requirement("subvention à l’état voulu, plafonds respectés")
def is_due(payment: Payable, on: datetime.date) -> list[str]:
    return list(payment.obstacles())


@requirement("justificatifs joints")
def is_documented(payment: Payable, on: datetime.date) -> list[str]:
    return [f"Pièce manquante : {name}." for name in payment.missing_documents()]


@input_rule("montant certifié dans la limite de la demande et des plafonds")
def certified_is_bounded(payment: Payable, said: Mapping[str, Any]) -> dict[str, str]:
    return payment.certification_faults(said)


@input_rule("paiement postérieur à la certification")
def payment_follows(payment: Payable, said: Mapping[str, Any]) -> dict[str, str]:
    return payment.payment_faults(said)


REQUEST = Move(
    name="request",
    label="Demander le paiement",
    source=frozenset({State.DRAFT}),
    target=State.REQUESTED,
    by=any_of(Role.OWNER),
    requires=(is_due, is_documented),
    consequence="Le service instructeur est appelé à certifier la demande.",
    basis="CGCT, art. R. 2334-30 ; décret n° 2018-514, art. 12 ; CCH, art. D. 323-9",
)
DROP = Move(
    name="drop",
    label="Renoncer à cette demande",
    source=frozenset({State.DRAFT}),
    target=State.DROPPED,
    by=any_of(Role.OWNER),
    consequence="La demande est abandonnée ; une autre peut être préparée.",
)
RETURN_TO_OWNER = Move(
    name="return_to_owner",
    label="Renvoyer au porteur",
    source=frozenset({State.REQUESTED}),
    target=State.DRAFT,
    by=any_of(Role.LEAD_SERVICE),
    reason=True,
    consequence="Le porteur complète sa demande, puis la présente de nouveau.",
)
CERTIFY = Move(
    name="certify",
    label="Certifier la demande",
    source=frozenset({State.REQUESTED}),
    target=State.CERTIFIED,
    by=any_of(Role.LEAD_SERVICE),
    requires=(is_due,),
    inputs=(Input("certified_cents", "Montant certifié", InputKind.CENTS),),
    input_rules=(certified_is_bounded,),
    apart_from=("request",),
    apart_from_unit=OWNER,
    consequence="Le comptable est appelé à payer.",
)
REFUSE = Move(
    name="refuse",
    label="Refuser le paiement",
    source=RUNNING,
    target=State.REFUSED,
    by=any_of(Role.LEAD_SERVICE, Role.ACCOUNTANT),
    reason=True,
    apart_from=("request",),
    apart_from_unit=OWNER,
    consequence="La demande est refusée ; le porteur peut en présenter une autre.",
)
PAY = Move(
    name="pay",
    label="Enregistrer le paiement",
    source=frozenset({State.CERTIFIED}),
    target=State.PAID,
    by=any_of(Role.ACCOUNTANT),
    requires=(is_due,),
    inputs=(
        Input("paid_on", "Payé le", InputKind.DAY),
        Input("payment_reference", "Référence du paiement", InputKind.LINE),
    ),
    input_rules=(payment_follows,),
    apart_from=("request", "certify"),
    apart_from_unit=OWNER,
    consequence="Le montant est payé sur l’engagement de la subvention.",
)

EDIT_AMOUNT = Edit(
    name="edit_amount",
    label="Modifier la demande de paiement",
    source=frozenset({State.DRAFT}),
    by=frozenset({Role.OWNER}),
)
ADD_DOCUMENT = Edit(
    name="add_document",
    label="Joindre un justificatif",
    source=frozenset({State.DRAFT, State.REQUESTED, State.CERTIFIED}),
    by=frozenset({Role.OWNER, Role.LEAD_SERVICE, Role.ACCOUNTANT}),
)

PROCESS = Process(
    name="payment",
    version=1,
    title="Paiement d’une subvention",
    prefix="V",
    states=State,
    roles=Role,
    stages=STAGES,
    initial=State.DRAFT,
    final=FINAL,
    moves=(REQUEST, DROP, RETURN_TO_OWNER, CERTIFY, REFUSE, PAY),
    readers=frozenset(
        {Role.AUDITOR, Role.PROJECT_DIRECTOR, Role.PREFECT, Role.SUB_PREFECT}
    ),
    overseers=frozenset({Role.PROJECT_DIRECTOR}),
    audiences=AUDIENCES,
    edits=(EDIT_AMOUNT, ADD_DOCUMENT),
)
