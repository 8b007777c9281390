"""Hear the owner of a grant before a decision against it, then decide."""

from flows.grant import conditions
from flows.grant.states import OWNER, State
from flows.roles import Role
from workflow.process import (
    BACK,
    STAY,
    Input,
    InputKind,
    InputRule,
    Move,
    Requirement,
    any_of,
)


def _proposal(
    name: str, label: str, source: frozenset[State], *requires: Requirement, basis: str
) -> Move:
    return Move(
        name=name,
        label=label,
        source=source,
        target=State.HEARING,
        by=any_of(Role.LEAD_SERVICE, Role.FUNDER),
        requires=requires,
        inputs=(Input("answer_by", "Observations attendues avant le", InputKind.DAY),),
        reason=True,
        pauses=True,
        apart_from_unit=OWNER,
        consequence="Le bénéficiaire est invité à présenter ses observations ; "
        "rien n’est encore décidé.",
        basis=basis,
    )


PROPOSE_LAPSE = _proposal(
    "propose_lapse",
    "Proposer de constater la caducité",
    frozenset({State.NOTIFIED, State.COMMITTED}),
    conditions.deadline_has_passed,
    basis="CGCT, art. R. 2334-28 ; CRPA, art. L. 122-1",
)
PROPOSE_FORECLOSURE = _proposal(
    "propose_foreclosure",
    "Proposer de constater la forclusion",
    frozenset({State.IN_PROGRESS}),
    conditions.deadline_has_passed,
    basis="CGCT, art. R. 2334-29 ; CRPA, art. L. 122-1 et L. 211-2",
)
PROPOSE_REPAYMENT = _proposal(
    "propose_repayment",
    "Proposer un reversement",
    frozenset(
        {
            State.IN_PROGRESS,
            State.COMPLETED,
            State.SERVICE_CERTIFIED,
            State.SETTLED,
            State.LIQUIDATED,
            State.LAPSED,
            State.CLOSED,
        }
    ),
    basis="CGCT, art. R. 2334-31 ; décret n° 2018-514, art. 14 ; CRPA, art. L. 122-1",
)
PRESENT_OBSERVATIONS = Move(
    name="present_observations",
    label="Présenter des observations",
    source=frozenset({State.HEARING}),
    target=STAY,
    by=any_of(Role.OWNER),
    inputs=(Input("observations", "Observations", InputKind.TEXT),),
    consequence="L’autorité peut se prononcer ; d’autres observations restent "
    "possibles jusque-là.",
    basis="CRPA, art. L. 122-1",
)


def _decision(
    name: str,
    label: str,
    target: State,
    about: Requirement,
    consequence: str,
    basis: str,
    *,
    inputs: tuple[Input, ...] = (),
    rules: tuple[InputRule, ...] = (),
) -> Move:
    return Move(
        name=name,
        label=label,
        source=frozenset({State.HEARING}),
        target=target,
        by=any_of(Role.AUTHORITY),
        requires=(
            about,
            conditions.owner_was_heard,
            conditions.payments_are_over,
        ),
        inputs=inputs,
        input_rules=rules,
        reason=True,
        reauthenticate=True,
        apart_from=("propose_lapse", "propose_foreclosure", "propose_repayment"),
        apart_from_unit=OWNER,
        consequence=consequence,
        basis=basis,
    )


RECORD_LAPSE = _decision(
    "record_lapse",
    "Constater la caducité",
    State.LAPSED,
    conditions.IS_ABOUT_LAPSE,
    "La décision d’aide est caduque ; le montant revient à l’enveloppe.",
    "CGCT, art. R. 2334-28 ; CRPA, art. L. 211-2",
)
RECORD_FORECLOSURE = _decision(
    "record_foreclosure",
    "Constater la forclusion et liquider",
    State.LIQUIDATED,
    conditions.IS_ABOUT_FORECLOSURE,
    "L’opération est réputée terminée ; aucun paiement ne peut plus être demandé.",
    "CGCT, art. R. 2334-29 ; CRPA, art. L. 211-2",
)
REQUEST_REPAYMENT = _decision(
    "request_repayment",
    "Demander le reversement",
    State.CLAWBACK,
    conditions.IS_ABOUT_REPAYMENT,
    "Le comptable est chargé de recouvrer la somme.",
    "CGCT, art. R. 2334-31 ; décret n° 2018-514, art. 14",
    inputs=(Input("repayment_cents", "Montant à reverser", InputKind.CENTS),),
    rules=(conditions.repayment_is_bounded,),
)
DROP_PROPOSAL = Move(
    name="drop_proposal",
    label="Renoncer à la mesure proposée",
    source=frozenset({State.HEARING}),
    target=BACK,
    by=any_of(Role.AUTHORITY),
    reason=True,
    apart_from_unit=OWNER,
    consequence="La subvention reprend où elle en était.",
)
RECORD_REPAYMENT = Move(
    name="record_repayment",
    label="Enregistrer le reversement",
    source=frozenset({State.CLAWBACK}),
    target=State.REPAID,
    by=any_of(Role.ACCOUNTANT),
    inputs=(
        Input("repaid_on", "Reversé le", InputKind.DAY),
        Input("receipt", "Référence du titre", InputKind.LINE),
    ),
    apart_from=("request_repayment",),
    apart_from_unit=OWNER,
    consequence="La somme reversée revient à l’enveloppe.",
)
