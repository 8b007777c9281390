"""What the close of a sitting would change, operation by operation; nothing written."""

import dataclasses
import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects

from erbm import words
from erbm.cases import outcomes
from erbm.committees import accepting
from erbm.committees.decisions import ADVISORY
from erbm.committees.models import AgendaItem, Sitting
from erbm.operations.models import Operation
from flows.hearings import Demand
from workflow import engine, refusals, situations
from workflow.deadlines import local_day
from workflow.engine import MoveRefused
from workflow.process import Move
from workflow.refusals import Ground, Refusal
from workflow.situations import Situation

CHANGED = "L’opération a changé depuis la décision ; revoyez ce point."


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What would become of the operation of one item, or why it cannot."""

    item: AgendaItem
    rows: outcomes.Rows
    refusals: tuple[Refusal, ...] = ()


def of_close(sitting: Sitting, *, by: Any, at: datetime.datetime) -> list[Foreseen]:
    """Foresee the effect of every decision, as if all who must close it did so."""
    items = [item for item in sitting.agenda() if item.decision]
    subjects = [item.operation for item in items if item.decision not in ADVISORY]
    prefetch_related_objects(subjects, *Operation.READ_TOGETHER)
    found = situations.situations_of(subjects, by=by, at=at)
    tasks = [task for one in found.values() for task in one.unfinished_tasks]
    prefetch_related_objects(tasks, "unit")
    asked = accepting.asked_of(item.operation_id for item in items if item.binds)
    return [_foreseen(item, found.get(item.operation_id), asked, at) for item in items]


def _foreseen(
    item: AgendaItem,
    situation: Situation | None,
    asked: accepting.Asked,
    at: datetime.datetime,
) -> Foreseen:
    if situation is None:
        return Foreseen(item, [("Relevé", ["consigné, sans effet sur l’opération"])])
    if situation.subject.case.version != item.seen:
        return Foreseen(item, [], (Refusal(Ground.STATE, CHANGED),))
    move = situation.process.move(item.decision)
    try:
        effects = engine.preview(_all_signed(situation, move), move, at=at)
        demands = item.demands()
    except MoveRefused as refused:
        return Foreseen(item, [], refused.refusals)
    rows = outcomes.of(situation.process, effects)
    if demands:
        rows.append(("Conditions suivies", _followed(item, demands, asked)))
    late = tuple(accepting.passed(demands, local_day(at)))
    return Foreseen(item, rows, late)


def _followed(
    item: AgendaItem, demands: Sequence[Demand], asked: accepting.Asked
) -> list[str]:
    """Say which conditions will be followed, by when, and which services asked."""
    return [
        f"{one.wording.rstrip('.')} (le {words.day(one.due_on)}"
        + "".join(f", demandée par {by}" for by in _askers(item, one, asked))
        + ")"
        for one in demands
    ]


def _askers(item: AgendaItem, one: Demand, asked: accepting.Asked) -> list[str]:
    same = asked.get((item.operation_id, one.wording), ())
    return [condition.opinion.unit.short_name for condition in same]


def _all_signed(situation: Situation, move: Move) -> Situation:
    """Return the same situation once the others who sign the close have signed."""
    role = refusals.acting_role(situation, move)
    if not move.by.needs_signatures or role is None:
        return situation
    others = frozenset(move.by.roles) - {role}
    signed = dataclasses.replace(
        situation, pending={**situation.pending, move.name: others}
    )
    # What was read for several cases at once is not to be read again for each.
    vars(signed).update(
        unfinished_tasks=situation.unfinished_tasks,
        _moves_made=situation._moves_made,
    )
    return signed


def changes(foreseen: list[Foreseen]) -> Iterator[tuple[str, int]]:
    """Count the operations by what becomes of their state, in words."""
    counted: dict[str, int] = {}
    for one in foreseen:
        after = dict(one.rows).get("État", ["sans effet"])[0]
        counted[after] = counted.get(after, 0) + 1
    yield from counted.items()
