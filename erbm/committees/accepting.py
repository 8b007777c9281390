"""Open, as a sitting closes, the conditions under which it accepted operations."""

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from erbm.committees.decisions import BodyKind
from erbm.obligations import openings
from erbm.obligations.models import Origin
from erbm.operations.models import Condition
from flows.hearings import Demand
from workflow.engine import MoveRefused
from workflow.process import Process
from workflow.refusals import Ground, Refusal

ORIGINS: Mapping[str, Origin] = {
    BodyKind.COMMITTEE: Origin.COMMITTEE,
    BodyKind.COPIL: Origin.COPIL,
}
"""Who accepts conditions; the financers only say what they think."""

Asked = dict[tuple[int, str], list[Condition]]


@dataclass(frozen=True, slots=True)
class Acceptance:
    """
    The conditions under which one operation is accepted.

    - `label`: how a refusal names the item;
    - `decision`: where it is accepted, as each condition will say.
    """

    operation_id: int
    process: Process
    label: str
    demands: Sequence[Demand]
    origin: Origin
    decision: str


def accept(
    acceptances: Collection[Acceptance], *, key: UUID, by: Any, at: datetime.datetime
) -> None:
    """
    Open every condition, in the transaction of the close.

    :raises MoveRefused: if one of them cannot be followed; every reason is said
    """
    asked = asked_of(one.operation_id for one in acceptances)
    found = [
        refusal
        for one in acceptances
        for refusal in _opened(one, asked, key=key, by=by, at=at)
    ]
    if found:
        raise MoveRefused(found)


def _opened(
    one: Acceptance, asked: Asked, *, key: UUID, by: Any, at: datetime.datetime
) -> Iterator[Refusal]:
    """Open the conditions of one operation, or say why they cannot be."""
    try:
        openings.accept(
            operation_id=one.operation_id,
            process=one.process,
            conditions=[_accepted(one, demand, asked) for demand in one.demands],
            origin=one.origin,
            decision=one.decision,
            key=uuid5(key, f"{one.operation_id}.conditions"),
            by=by,
            at=at,
        )
    except MoveRefused as refused:
        yield from named(one.label, refused.refusals)


def _accepted(one: Acceptance, demand: Demand, asked: Asked) -> openings.Accepted:
    same = asked.get((one.operation_id, demand.wording))
    condition = same.pop(0).pk if same else None
    return openings.Accepted(demand.wording, demand.due_on, condition)


def asked_of(operations: Iterable[int]) -> Asked:
    """Return what services asked of operations and nobody accepted, by its words."""
    free = Condition.objects.filter(
        opinion__operation__in=[*operations], obligation=None
    )
    found: Asked = {}
    for one in free.select_related("opinion__unit").order_by("due_on", "pk"):
        found.setdefault((one.opinion.operation_id, one.wording), []).append(one)
    return found


def passed(demands: Iterable[Demand], on: datetime.date) -> Iterator[Refusal]:
    """Refuse what should have been met by a day, or before it."""
    for one in demands:
        if one.due_on <= on:
            day = f"{one.due_on:%d/%m/%Y}"
            message = f"« {one.wording} » : l’échéance du {day} est passée."
            yield Refusal(Ground.INPUT, message, field="conditions")


def named(label: str, refusals: Iterable[Refusal]) -> Iterator[Refusal]:
    """Say of which item something is refused."""
    for one in refusals:
        yield Refusal(one.ground, f"{label} : {one.message}")
