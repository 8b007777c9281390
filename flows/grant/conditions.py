"""The conditions on the moves of a grant: what its subject knows, said in sentences."""

import datetime
from collections.abc import Collection, Mapping
from typing import Any, Protocol

from workflow.process import input_rule, requirement

LAPSE, FORECLOSURE, REPAYMENT = "lapse", "foreclosure", "repayment"
"""What an owner may be heard about before it is decided."""

Faults = dict[str, str]
Said = Mapping[str, Any]


class Grantable(Protocol):
    """What the procedure needs to know of the grant that it moves."""

    case: Any
    deadline_on: datetime.date | None
    is_extended: bool
    hearing_about: str
    hearing_until: datetime.date | None
    observed_on: datetime.date | None

    def unanswered_requests(self) -> Collection[str]: ...

    def deemed_complete_on(self, on: datetime.date) -> datetime.date | None: ...

    def dead_operation(self) -> Collection[str]: ...

    def suspended_operation(self) -> Collection[str]: ...

    def running_operation(self) -> Collection[str]: ...

    def envelope_obstacles(self) -> Collection[str]: ...

    def missing_mentions(self) -> Collection[str]: ...

    def excesses(self) -> Collection[str]: ...

    def silence_obstacles(self, on: datetime.date) -> Collection[str]: ...

    def completion_obstacles(self) -> Collection[str]: ...

    def unfinished_payments(self) -> Collection[str]: ...

    def balance_obstacles(self) -> Collection[str]: ...

    def programming_faults(self, cents: int) -> Faults: ...

    def award_faults(self, said: Said) -> Faults: ...

    def notification_faults(self, said: Said) -> Faults: ...

    def commitment_faults(self, said: Said) -> Faults: ...

    def start_faults(self, said: Said) -> Faults: ...

    def completion_faults(self, said: Said) -> Faults: ...

    def extension_faults(self, until: datetime.date) -> Faults: ...

    def decision_extension_faults(self, until: datetime.date) -> Faults: ...

    def repayment_faults(self, cents: int) -> Faults: ...


# Requirements


@requirement("chaque pièce demandée est fournie")
def requests_are_answered(grant: Grantable, on: datetime.date) -> list[str]:
    return [f"Pièce demandée : {name}." for name in grant.unanswered_requests()]


@requirement("dossier non encore réputé complet")
def not_deemed_complete(grant: Grantable, on: datetime.date) -> list[str]:
    since = grant.deemed_complete_on(on)
    if since is None:
        return []
    return [f"Le dossier est réputé complet depuis le {since:%d/%m/%Y}."]


@requirement("opération en cours")
def operation_is_alive(grant: Grantable, on: datetime.date) -> list[str]:
    return list(grant.dead_operation())


@requirement("opération non suspendue")
def operation_is_not_suspended(grant: Grantable, on: datetime.date) -> list[str]:
    return list(grant.suspended_operation())


@requirement("opération écartée, retirée, abandonnée ou caduque")
def operation_is_over(grant: Grantable, on: datetime.date) -> list[str]:
    return list(grant.running_operation())


@requirement("enveloppe désignée, si le dispositif en a une")
def has_an_envelope(grant: Grantable, on: datetime.date) -> list[str]:
    return list(grant.envelope_obstacles())


@requirement("acte pourvu de toutes les mentions obligatoires")
def act_is_whole(grant: Grantable, on: datetime.date) -> list[str]:
    return list(grant.missing_mentions())


@requirement("plafonds d’aide respectés")
def is_within_ceilings(grant: Grantable, on: datetime.date) -> list[str]:
    return list(grant.excesses())


@requirement("délai de décision expiré, si le silence vaut rejet")
def silence_has_run_out(grant: Grantable, on: datetime.date) -> list[str]:
    return list(grant.silence_obstacles(on))


@requirement("attestation et décompte joints")
def completion_is_documented(grant: Grantable, on: datetime.date) -> list[str]:
    return list(grant.completion_obstacles())


@requirement("aucune demande de paiement en cours")
def payments_are_over(grant: Grantable, on: datetime.date) -> list[str]:
    return list(grant.unfinished_payments())


@requirement("solde payé")
def balance_is_paid(grant: Grantable, on: datetime.date) -> list[str]:
    return list(grant.balance_obstacles())


@requirement("délai dépassé")
def deadline_has_passed(grant: Grantable, on: datetime.date) -> list[str]:
    if grant.deadline_on is None:
        return ["Aucun délai ne court."]
    if on <= grant.deadline_on:
        return [f"Le délai court jusqu’au {grant.deadline_on:%d/%m/%Y}."]
    return []


@requirement("un délai court, jamais prorogé")
def may_be_extended(grant: Grantable, on: datetime.date) -> list[str]:
    if grant.deadline_on is None:
        return ["Aucun délai ne court."]
    return ["Le délai a déjà été prorogé."] if grant.is_extended else []


@requirement("bénéficiaire entendu, ou délai d’observations expiré")
def owner_was_heard(grant: Grantable, on: datetime.date) -> list[str]:
    if grant.observed_on or grant.hearing_until is None or on > grant.hearing_until:
        return []
    until = f"{grant.hearing_until:%d/%m/%Y} (CRPA, art. L. 122-1)"
    return [f"Le bénéficiaire peut présenter ses observations jusqu’au {until}."]


def _about(measure: str, label: str) -> Any:
    @requirement(f"contradictoire ouvert sur {label}")
    def is_the_subject(grant: Grantable, on: datetime.date) -> list[str]:
        if grant.hearing_about == measure:
            return []
        return [f"Le contradictoire ne porte pas sur {label}."]

    return is_the_subject


IS_ABOUT_LAPSE = _about(LAPSE, "la caducité")
IS_ABOUT_FORECLOSURE = _about(FORECLOSURE, "la forclusion")
IS_ABOUT_REPAYMENT = _about(REPAYMENT, "un reversement")


# Rules on what is typed


@input_rule("montant programmé non nul, dans la limite de la demande")
def programmed_is_requested(grant: Grantable, said: Said) -> Faults:
    return grant.programming_faults(said["programmed_cents"])


@input_rule("acte signé après la demande")
def act_is_dated(grant: Grantable, said: Said) -> Faults:
    return grant.award_faults(said)


@input_rule("notification postérieure à l’acte")
def notification_follows(grant: Grantable, said: Said) -> Faults:
    return grant.notification_faults(said)


@input_rule("numéro d’engagement bien formé et jamais utilisé")
def commitment_is_new(grant: Grantable, said: Said) -> Faults:
    return grant.commitment_faults(said)


@input_rule("commencement dans les délais, ni trop tôt ni trop tard")
def start_is_timely(grant: Grantable, said: Said) -> Faults:
    return grant.start_faults(said)


@input_rule("achèvement postérieur au commencement")
def completion_follows(grant: Grantable, said: Said) -> Faults:
    return grant.completion_faults(said)


@input_rule("la prorogation allonge le délai, dans la limite du plafond")
def extension_is_bounded(grant: Grantable, said: Said) -> Faults:
    return grant.extension_faults(said["until"])


@input_rule("le délai de décision est allongé avant de naître en rejet")
def decision_is_put_off(grant: Grantable, said: Said) -> Faults:
    return grant.decision_extension_faults(said["decision_until"])


@input_rule("reversement dans la limite de ce qui fut payé")
def repayment_is_bounded(grant: Grantable, said: Said) -> Faults:
    return grant.repayment_faults(said["repayment_cents"])
