"""What a person can do with a financing plan."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from erbm.funding.models import Line, Scheme
from erbm.funding.payers import not_its_scheme
from flows import edits
from workflow import engine, refused
from workflow.engine import MoveRefused, Receipt, StaleCase
from workflow.models import Unit
from workflow.process import Edit, Process
from workflow.refusals import Ground, Refusal

__all__ = ["MoveRefused", "StaleCase"]


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of a plan: who pays, under which scheme, how many cents."""

    scheme: Scheme
    amount_cents: int
    funder: Unit | None = None


def set_plan(
    *,
    operation_id: int,
    process: Process,
    lines: Sequence[Planned],
    edit: Edit = edits.EDIT_PLAN,
    seen: int,
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Replace the financing plan of an operation: its owner's, or as corrected since.

    :raises StaleCase: if the operation has changed since the person saw it
    :raises MoveRefused: if the person may not change the plan in this state, or if
        a funder pays under a scheme that is not its own
    """

    def change(operation: Any) -> engine.Noted:
        if found := list(_strangers(lines)):
            raise MoveRefused(found)
        return _replaced(operation, lines)

    amendment = engine.Amendment(edit, by, at, seen, key)
    with refused.kept(amendment.edit.name, by=by, at=at, pk=operation_id):
        return engine.amend(process, operation_id, amendment, change)


def _replaced(operation: Any, lines: Sequence[Planned]) -> engine.Noted:
    before = [line.noted for line in operation.lines.select_related("funder")]
    lines, kept = _apart_from_followed(operation, lines)
    with operation.consulting_anew() as consulted:
        operation.lines.exclude(pk__in=[line.pk for line in kept]).delete()
        after = Line.objects.bulk_create(
            Line(
                operation=operation,
                scheme=line.scheme,
                funder=line.funder,
                amount_cents=line.amount_cents,
            )
            for line in lines
        )
    asked = [(line.scheme, line.amount_cents) for line in kept]
    asked += [(line.scheme, line.amount_cents) for line in lines]
    operation.requested_cents = sum(
        cents for scheme, cents in asked if scheme != Scheme.OWN
    )
    plan = [before, [line.noted for line in (*kept, *after)]]
    return engine.Noted(facts={"plan": plan, **consulted})


def _apart_from_followed(
    operation: Any, lines: Sequence[Planned]
) -> tuple[list[Planned], list[Line]]:
    """
    Sort a plan: the lines to write, and those that grants follow, which stay.

    :raises MoveRefused: if a line that a grant follows is not in the plan any more
    """
    followed = operation.lines.filter(is_followed=True).select_related("funder")
    left, kept = list(lines), list(followed.order_by("pk"))
    for line in kept:
        same = Planned(Scheme(line.scheme), line.amount_cents, line.funder)
        if same not in left:
            raise MoveRefused([Refusal(Ground.REQUIREMENT, _followed(line))])
        left.remove(same)
    return left, kept


def _followed(line: Line) -> str:
    return (
        f"La ligne {line} fait l’objet d’une demande de subvention : elle ne change "
        "pas tant que cette demande n’est pas retirée, refusée ou classée."
    )


def _refuse_followed(line: Line) -> None:
    if line.is_followed:
        message = (
            f"La ligne {line} fait l’objet d’une subvention suivie ici : sa "
            "notification et son solde s’enregistrent sur la subvention."
        )
        raise MoveRefused([Refusal(Ground.REQUIREMENT, message)])


def _strangers(lines: Sequence[Planned]) -> Iterator[Refusal]:
    for line in lines:
        if line.funder and (why := not_its_scheme(line.funder, line.scheme)):
            yield Refusal(Ground.INPUT, why, field="funder")


def record_notification(
    *,
    operation_id: int,
    process: Process,
    line_id: int,
    notified_on: datetime.date,
    notification: str,
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Record that a grant line was awarded and notified to the owner.

    :raises MoveRefused: if the person may not, or the line is not there to notify
    """

    def change(operation: Any) -> engine.Noted:
        line = _line(operation.lines.awaiting_notification(), line_id)
        _refuse_followed(line)
        line.notified_on, line.notification = notified_on, notification
        line.save(update_fields=["notified_on", "notification"])
        return engine.Noted(
            facts={"line": line.noted, "notified_on": notified_on},
            texts={"notification": notification},
        )

    amendment = engine.Amendment(edits.RECORD_NOTIFICATION, by, at, None, key)
    with refused.kept(amendment.edit.name, by=by, at=at, pk=operation_id):
        return engine.amend(process, operation_id, amendment, change)


def record_settlement(
    *,
    operation_id: int,
    process: Process,
    line_id: int,
    settled_on: datetime.date,
    key: UUID,
    by: Any,
    at: datetime.datetime,
) -> Receipt:
    """
    Record that the balance of a grant line was paid.

    :raises MoveRefused: if the person may not, or the line is not there to settle
    """

    def change(operation: Any) -> engine.Noted:
        line = _line(operation.lines.awaiting_settlement(), line_id)
        _refuse_followed(line)
        if line.notified_on is None or settled_on < line.notified_on:
            raise MoveRefused(
                [
                    Refusal(
                        Ground.INPUT,
                        "Une ligne se solde après sa notification.",
                        field="settled_on",
                    )
                ]
            )
        line.settled_on = settled_on
        line.save(update_fields=["settled_on"])
        return engine.Noted(facts={"line": line.noted, "settled_on": settled_on})

    amendment = engine.Amendment(edits.RECORD_SETTLEMENT, by, at, None, key)
    with refused.kept(amendment.edit.name, by=by, at=at, pk=operation_id):
        return engine.amend(process, operation_id, amendment, change)


def _line(lines: Any, line_id: int) -> Line:
    line: Line | None = lines.select_related("funder").filter(pk=line_id).first()
    if line is None:
        raise MoveRefused(
            [Refusal(Ground.REQUIREMENT, "Cette ligne est déjà enregistrée.")]
        )
    return line
