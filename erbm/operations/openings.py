"""Open operations: one for the person who carries it, or many at once."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from erbm.operations import parties, search
from erbm.operations.models import Described, Kind, Operation, Rulebook
from erbm.territory.models import Cite, Commune
from flows.rehabilitation import lifecycle as rehabilitation
from flows.roles import Role
from flows.subsidy import lifecycle as subsidy
from workflow import opening, refused
from workflow.cases import latest_of
from workflow.deadlines import LOCAL
from workflow.engine import KeyReused, MoveRefused
from workflow.models import Event, Jurisdiction, Membership, Unit
from workflow.process import Process
from workflow.refusals import Ground, Refusal
from workflow.standing import memberships_of

PROCESSES: Mapping[str, Process] = {
    Kind.REHABILITATION: rehabilitation.PROCESS,
    Kind.SUBSIDY: subsidy.PROCESS,
}
"""The procedure of each kind, in its first version: `latest_of` gives the present."""


OPEN = "opening"


@dataclass(frozen=True)
class Draft:
    """
    An operation to be opened.

    - `facts`: columns of the operation, among `FACTS` and `source_id`;
    - `noted`: what the trail notes of it beside;
    - `is_copy`: another register held it before this one;
    - `jurisdiction`: that of the arrondissement that handles it;
    - `key`: the same for a form sent twice.
    """

    title: str
    owner: Unit
    jurisdiction: Jurisdiction
    cost_cents: int
    communes: Sequence[Commune] = ()
    cite: Cite | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    noted: Mapping[str, Any] = field(default_factory=dict)
    is_copy: bool = False
    key: UUID | None = None


def open_operation(
    *, kind: str, draft: Draft, by: Any, at: datetime.datetime
) -> Operation:
    """
    Open one operation for the unit of its owner; once only for the same key.

    :raises MoveRefused: if the person does not hold the owner's role there, or if
        such an owner carries no operation of this kind, or if nobody is
        competent to handle it
    :raises KeyReused: if the key of the request has served for something else
    """
    with refused.kept(OPEN, by=by, at=at):
        held = _held(kind, draft, by=by, at=at)
        if found := list(_refusals(kind, draft, held)):
            raise MoveRefused(found)
        if draft.key and (opened := _opened_with(draft.key, by)):
            return opened
        [operation] = _opened(kind, draft, held[0].principal, by, at)
        return operation


def _opened(
    kind: str, draft: Draft, principal: Any, by: Any, at: datetime.datetime
) -> list[Operation]:
    try:
        return open_operations(
            kind=kind, drafts=[draft], by=by, at=at, principal=principal
        )
    except opening.NobodyCompetent as nobody:
        raise MoveRefused([_unhandled(nobody)]) from nobody


def _held(
    kind: str, draft: Draft, *, by: Any, at: datetime.datetime
) -> list[Membership]:
    """Return what lets a person open an operation, herself or for another, in order."""
    held = [
        one
        for one in memberships_of(by, at.astimezone(LOCAL).date())
        if (one.unit, one.role) == (draft.owner, Role.OWNER)
        and one.covers(draft.jurisdiction.pk)
        and one.reaches(PROCESSES[kind].name)
    ]
    # Their rows make a form sent twice wait for itself.
    rows = Membership.objects.select_for_update(of=("self",)).order_by("pk")
    list(rows.filter(pk__in=[one.pk for one in held]))
    return sorted(held, key=lambda one: one.principal is not None)


def _refusals(kind: str, draft: Draft, held: Sequence[Membership]) -> Iterator[Refusal]:
    if not held:
        where = f"{draft.owner} ({draft.jurisdiction})"
        yield Refusal(Ground.ROLE, f"Vous ne portez pas d’opération pour {where}.")
    if kind not in parties.kinds_carried_by(draft.owner):
        yield Refusal(
            Ground.REQUIREMENT,
            f"{draft.owner} ne porte pas d’opération de cette nature.",
            field="kind",
        )


def _unhandled(nobody: opening.NobodyCompetent) -> Refusal:
    return Refusal(
        Ground.REQUIREMENT,
        f"Une compétence manque pour instruire cette opération ({nobody}) ; "
        f"prévenez l’administrateur du logiciel.",
    )


def _opened_with(key: UUID, by: Any) -> Operation | None:
    event = Event.objects.filter(actor=by, request_key=key).first()
    if event is None:
        return None
    if event.kind != "opening":
        raise KeyReused(str(key))
    return Operation.objects.select_related("case").get(pk=event.case_id)


def open_operations(
    *,
    kind: str,
    drafts: Sequence[Draft],
    by: Any,
    at: datetime.datetime,
    role: str = Role.OWNER,
    principal: Any = None,
) -> list[Operation]:
    """
    Open many operations at once, within the caller's transaction.

    `role` is that in which the person opens them, none for whoever only copies them;
    `principal` the person in whose name, if not her own.

    The communes are read with their EPCI's id; the number of statements does not
    depend on the number of operations.
    """
    rulebook = Rulebook.load()
    operations = [_operation(kind, draft) for draft in drafts]
    new = [
        _new_case(operation, draft, rulebook)
        for operation, draft in zip(operations, drafts, strict=True)
    ]
    process = latest_of(PROCESSES[kind].name)
    opening.open_cases(process, new, role=role, by=by, at=at, principal=principal)
    _locate(operations, drafts)
    return operations


def _new_case(
    operation: Operation, draft: Draft, rulebook: Rulebook
) -> opening.NewCase:
    consulted = rulebook.units_for(
        Described(
            kind=operation.kind,
            owner=draft.owner,
            communes=draft.communes,
            theme_id=operation.theme_id,
            is_protected=operation.is_protected,
            cost_cents=draft.cost_cents,
        )
    )
    return opening.NewCase(
        subject=operation,
        title=draft.title,
        jurisdiction=draft.jurisdiction,
        amount_cents=draft.cost_cents,
        parties={Role.OWNER: [draft.owner], Role.CONSULTED: consulted},
        facts={"source_id": draft.facts.get("source_id"), **draft.noted},
        is_copy=draft.is_copy,
        key=draft.key,
    )


def _operation(kind: str, draft: Draft) -> Operation:
    return Operation(
        kind=kind,
        owner=draft.owner,
        cite=draft.cite,
        search_text=search.index(
            [draft.title, draft.owner.name, draft.cite, *draft.communes]
        ),
        **draft.facts,
    )


def _locate(operations: Sequence[Operation], drafts: Sequence[Draft]) -> None:
    through = Operation.communes.through
    through.objects.bulk_create(
        through(operation_id=operation.pk, commune_id=commune.pk)
        for operation, draft in zip(operations, drafts, strict=True)
        for commune in draft.communes
    )
