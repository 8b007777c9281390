"""Accept conditions at a decision: each becomes a case, which is followed."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from erbm.obligations.models import Obligation, Origin
from erbm.operations.models import Condition, Operation
from flows import edits
from flows.hearings import LONGEST_CONDITION
from flows.obligation import lifecycle
from flows.roles import Role
from workflow import engine, opening
from workflow.cases import latest_of
from workflow.deadlines import local_day
from workflow.engine import MoveRefused, Receipt
from workflow.models import Membership, Party, Unit
from workflow.process import Process
from workflow.refusals import Ground, Refusal

FOLLOWERS = (
    Role.LEAD_SERVICE,
    Role.SUB_PREFECT,
    Role.PROJECT_DIRECTOR,
    Role.COMMITTEE_SECRETARY,
    Role.FUNDER,
    Role.PREFECT,
)
"""Who follows a condition as it follows its operation."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """
    A condition that whoever decides accepts.

    - `condition`: the id of the one that a service asked for, if it is one;
    - `debtor`: who owes it, when it is not the owner of the operation.
    """

    wording: str
    due_on: datetime.date
    condition: int | None = None
    debtor: Unit | None = None


def accept(
    *,
    operation_id: int,
    process: Process,
    conditions: Sequence[Accepted],
    origin: Origin,
    decision: str,
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Accept conditions of an operation, within the caller's transaction.

    Accepted again with the same key, they are accepted once.

    :raises MoveRefused: if the person may not, or one of them makes no sense
    """

    def change(operation: Operation) -> engine.Noted:
        if found := list(_absurd(operation, conditions, at)):
            raise MoveRefused(found)
        opened = _open(operation, conditions, origin, decision, by, at)
        return engine.Noted(
            facts={
                "obligations": [one.case.reference for one in opened],
                "origin": str(origin),
            },
            texts={
                "decision": decision,
                "conditions": "\n".join(one.wording for one in opened),
            },
        )

    amendment = engine.Amendment(edits.ACCEPT_CONDITIONS, by, at, None, key)
    return engine.amend(process, operation_id, amendment, change)


def _absurd(
    operation: Operation, conditions: Sequence[Accepted], at: datetime.datetime
) -> Iterator[Refusal]:
    """Say what cannot be followed as it is."""
    today = local_day(at)
    if not conditions:
        yield Refusal(Ground.INPUT, "Aucune condition n’est retenue.")
    asked = {one.condition for one in conditions if one.condition}
    free = Condition.objects.filter(
        pk__in=asked, opinion__operation=operation, obligation=None
    )
    if free.count() < sum(one.condition is not None for one in conditions):
        yield Refusal(
            Ground.REQUIREMENT,
            "Une condition est déjà retenue, ou n’est d’aucun avis de cette opération.",
        )
    for one in conditions:
        if not 0 < len(one.wording.strip()) <= LONGEST_CONDITION:
            yield Refusal(
                Ground.INPUT, f"Une condition tient en {LONGEST_CONDITION} caractères."
            )
        if one.due_on <= today:
            yield Refusal(
                Ground.INPUT,
                f"« {one.wording} » : l’échéance du {one.due_on:%d/%m/%Y} est passée.",
                field="due_on",
            )
        if one.debtor and not _may_owe(one.debtor, today):
            yield Refusal(
                Ground.REQUIREMENT,
                f"Personne ne peut répondre d’une condition pour {one.debtor}.",
                field="debtor",
            )


def _may_owe(unit: Unit, on: datetime.date) -> bool:
    members = Membership.objects.current(on)
    return members.filter(unit=unit, role=Role.OWNER).exists()


def _open(
    operation: Operation,
    conditions: Sequence[Accepted],
    origin: Origin,
    decision: str,
    by: Any,
    at: datetime.datetime,
) -> list[Obligation]:
    units = _followers(operation)
    asking = _asking([one.condition for one in conditions if one.condition])
    opened = [
        Obligation(
            operation=operation,
            debtor=one.debtor or operation.owner,
            wording=one.wording.strip(),
            origin=origin,
            decision=decision,
            condition_id=one.condition,
            accepted_on=local_day(at),
            first_due_on=one.due_on,
            due_on=one.due_on,
        )
        for one in conditions
    ]
    new = [_new_case(operation, one, units, asking) for one in opened]
    process = latest_of(lifecycle.PROCESS.name)
    opening.open_cases(process, new, role="", by=by, at=at)
    return opened


def _new_case(
    operation: Operation,
    one: Obligation,
    units: Mapping[str, Sequence[Unit]],
    asking: Mapping[int, Unit],
) -> opening.NewCase:
    parties = {**units, Role.OWNER: [one.debtor]}
    if one.condition_id:
        parties[Role.CONSULTED] = [asking[one.condition_id]]
    return opening.NewCase(
        subject=one,
        title=one.wording,
        jurisdiction=operation.case.jurisdiction,
        parties=parties,
        facts={
            "operation": operation.case.reference,
            "origin": str(one.origin),
            "due_on": one.due_on,
        },
    )


def _followers(operation: Operation) -> dict[str, list[Unit]]:
    found: dict[str, list[Unit]] = {}
    parties = Party.objects.filter(case=operation.case, role__in=FOLLOWERS)
    for party in parties.select_related("unit").order_by("pk"):
        found.setdefault(party.role, []).append(party.unit)
    return found


def _asking(conditions: Sequence[int]) -> dict[int, Unit]:
    """Return the service that asked for each condition."""
    known = Condition.objects.filter(pk__in=conditions)
    return {one.pk: one.opinion.unit for one in known.select_related("opinion__unit")}
