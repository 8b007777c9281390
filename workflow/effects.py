"""What a move would change, computed by the rules that change it, without writing."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import prefetch_related_objects

from workflow import outbox, progress, signatures, situations
from workflow.cases import Made
from workflow.models import Case, Signature, Unit
from workflow.process import BACK, STAY, Move
from workflow.situations import Situation


@dataclass(frozen=True, slots=True)
class Effects:
    """
    All that follows from a move, before it is made.

    - `takes_effect`: it is not one more signature among those it needs;
    - `awaited`: the roles that would still have to sign, with their units;
    - `struck`: the signatures that would be struck out;
    - `voided`: the approvals, in effect until now, that would be undone;
    - `tasks`: what would close, be held, wait again and be asked;
    - `told`: who would be written to, in words.
    """

    move: Move
    takes_effect: bool
    before: str
    after: str
    awaited: tuple[tuple[str, tuple[Unit, ...]], ...]
    struck: tuple[Signature, ...]
    voided: tuple[Signature, ...]
    tasks: progress.Plan
    told: tuple[str, ...]

    @property
    def changes_state(self) -> bool:
        return self.before != self.after


def of(situation: Situation, made: Made) -> Effects:
    """Compute what a move that nothing refuses would change."""
    case, move = situation.subject.case, made.move
    signed, takes_effect = signatures.signing(situation.pending, made)
    after = destination(case, move) if takes_effect else case.state
    left = after != case.state
    # What is told of a task is told with its unit.
    prefetch_related_objects(situation.unfinished_tasks, "unit")
    pending, struck = signatures.after(situation.pending, made, left=left)
    tasks = progress.plan(
        case,
        after,
        situation.unfinished_tasks,
        made,
        situation.standing.parties,
        pending,
    )
    kind = outbox.MOVED if takes_effect else outbox.SIGNED
    return Effects(
        move=move,
        takes_effect=takes_effect,
        before=case.state,
        after=after,
        awaited=_awaited(situation, move, signed) if not takes_effect else (),
        struck=_collected(case, struck),
        voided=tuple(signatures.approvals(case, move.voids)) if takes_effect else (),
        tasks=tasks,
        told=tuple(outbox.told(case.process, move, kind)),
    )


def destination(case: Case, move: Move) -> str:
    """Return the state to which a move that takes effect would bring a case."""
    if move.target is BACK:
        return case.returns_to
    return case.state if move.target is STAY else str(move.target)


def _collected(case: Case, moves: Collection[str]) -> tuple[Signature, ...]:
    if not moves:
        return ()
    found = situations.collected_signatures(case).filter(move__in=moves)
    return tuple(found.select_related("user").order_by("at", "pk"))


def _awaited(
    situation: Situation, move: Move, signed: frozenset[str]
) -> tuple[tuple[str, tuple[Unit, ...]], ...]:
    parties = situation.standing.parties
    return tuple(
        (role, parties.get(role, ())) for role in move.by.roles if role not in signed
    )
