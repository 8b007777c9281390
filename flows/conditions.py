"""The conditions that both procedures put on the moves of an operation."""

import datetime
from collections.abc import Collection, Mapping
from typing import Any, Protocol

from workflow.process import input_rule, requirement

AWARDED = frozenset({"funded", "in_progress", "delivered"})
"""The states of an operation whose aid has been awarded."""

WAIVED = "waived"
"""What is said of works that began early, with a derogation."""


class Approvable(Protocol):
    """What the procedures need to know about the operation they move.

    Amounts are integer cents.
    """

    case: Any
    early_start: str
    received_on: datetime.date | None
    funded_on: datetime.date | None
    deadline_on: datetime.date | None
    is_extended: bool

    def missing_facts(self) -> Collection[str]: ...

    def missing_documents(self) -> Collection[str]: ...

    def has_waiver(self) -> bool: ...

    def unanswered_requests(self) -> Collection[str]: ...

    def financing_gap_cents(self) -> int: ...

    def excessive_aid(self) -> Collection[str]: ...

    def lines_awaiting_notification(self) -> Collection[str]: ...

    def lines_awaiting_settlement(self) -> Collection[str]: ...

    def joined_since_the_decision(self) -> bool: ...


@requirement("description complète")
def facts_are_complete(operation: Approvable, on: datetime.date) -> list[str]:
    return [f"À renseigner : {name}." for name in operation.missing_facts()]


@requirement("pièces obligatoires déposées")
def documents_are_in(operation: Approvable, on: datetime.date) -> list[str]:
    return [f"Pièce manquante : {name}." for name in operation.missing_documents()]


@requirement("plan de financement équilibré")
def plan_is_balanced(operation: Approvable, on: datetime.date) -> list[str]:
    gap = operation.financing_gap_cents()
    if gap == 0:
        return []
    sense = "Il manque" if gap > 0 else "Il y a en trop"
    return [f"Plan de financement déséquilibré. {sense} {_euros(abs(gap))}."]


@requirement("plafonds d’aide respectés")
def aid_is_within_ceilings(operation: Approvable, on: datetime.date) -> list[str]:
    return list(operation.excessive_aid())


@requirement("chaque pièce demandée est fournie")
def requests_are_answered(operation: Approvable, on: datetime.date) -> list[str]:
    return [f"Pièce demandée : {name}." for name in operation.unanswered_requests()]


@requirement("chaque ligne du plan est notifiée")
def plan_is_notified(operation: Approvable, on: datetime.date) -> list[str]:
    return [
        f"Ligne à notifier : {name}."
        for name in operation.lines_awaiting_notification()
    ]


@requirement("chaque ligne de subvention est soldée")
def plan_is_settled(operation: Approvable, on: datetime.date) -> list[str]:
    return [
        f"Ligne à solder : {name}." for name in operation.lines_awaiting_settlement()
    ]


@requirement("un acte joint depuis la décision")
def act_is_joined(operation: Approvable, on: datetime.date) -> list[str]:
    if operation.joined_since_the_decision():
        return []
    return ["L’acte qui fonde la réouverture n’est pas joint au dossier."]


@requirement("aide non encore attribuée, si l’opération est suspendue")
def not_awarded_before_the_pause(operation: Approvable, on: datetime.date) -> list[str]:
    if operation.case.returns_to not in AWARDED:
        return []
    reason = "L’aide était déjà attribuée quand l’opération a été suspendue : "
    return [f"{reason}elle s’abandonne après sa reprise."]


@requirement("délai dépassé")
def deadline_has_passed(operation: Approvable, on: datetime.date) -> list[str]:
    if operation.deadline_on is None:
        return ["Aucun délai ne court."]
    if on <= operation.deadline_on:
        return [f"Le délai court jusqu’au {operation.deadline_on:%d/%m/%Y}."]
    return []


@requirement("délai jamais prorogé")
def never_extended(operation: Approvable, on: datetime.date) -> list[str]:
    return ["Le délai a déjà été prorogé."] if operation.is_extended else []


@input_rule("dérogation jointe si les travaux ont commencé")
def waiver_is_joined(operation: Approvable, said: Mapping[str, Any]) -> dict[str, str]:
    if said["early_start"] != WAIVED or operation.has_waiver():
        return {}
    return {"early_start": "La dérogation n’est pas jointe au dossier."}


def _euros(cents: int) -> str:
    whole = f"{cents // 100:,}".replace(",", "\u202f")
    return f"{whole},{cents % 100:02}\u00a0€"
