"""The signatures of a case: collected, spent, struck out, and what they cover."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from workflow import outbox, situations
from workflow.cases import Made
from workflow.journeys import Pending
from workflow.models import Case, Event, Signature, Subject
from workflow.process import Move, Process
from workflow.situations import Situation
from workflow.trail import canonical

Fallen = Mapping[str, Sequence[str]]
"""For each move whose signatures fall, the facts they covered that have changed."""


def signing(pending: Pending, made: Made) -> tuple[frozenset[str], bool]:
    """Return who would have signed, and whether that is enough."""
    signed = pending.get(made.move.name, frozenset()) | {made.role}
    by = made.move.by
    return signed, not by.needs_signatures or signed >= {*by.roles}


def after(pending: Pending, made: Made, *, left: bool) -> tuple[Pending, set[str]]:
    """Return what would await signatures after a move, and what it strikes out."""
    move, kept = made.move, dict(pending)
    if move.by.needs_signatures:
        signed, takes_effect = signing(pending, made)
        kept[move.name] = signed
        if takes_effect:
            del kept[move.name]
    else:
        kept.pop(move.name, None)
    struck = _struck(move, kept, left=left)
    return {name: roles for name, roles in kept.items() if name not in struck}, struck


def _struck(move: Move, pending: Pending, *, left: bool) -> set[str]:
    """Name the moves whose collected signatures a move strikes out.

    Those it contests, and all the others if it leaves the state or if it is itself
    a signature: two contrary decisions do not await signatures side by side.
    """
    if left or move.by.needs_signatures:
        return set(pending) - {move.name}
    return {move.strikes} & set(pending)


# What is written


def settle(
    situation: Situation, made: Made, event: Event, fallen: Fallen, *, left: bool
) -> Pending:
    """Write, spend or strike out signatures, and return those still awaited."""
    subject, case, move = situation.subject, situation.subject.case, made.move
    took_effect = event.kind == outbox.MOVED
    if move.by.needs_signatures:
        Signature.objects.create(
            case=case,
            move=move.name,
            role=made.role,
            user=made.by,
            principal=made.principal,
            event=event,
            at=made.at,
            content=content_of(subject, move),
            took_effect_by=event if took_effect else None,
        )
    if took_effect and move.name in situation.pending:
        collected = situations.collected_signatures(case)
        collected.filter(move=move.name).update(took_effect_by=event)
    if took_effect:
        _undo(case, move, event)
    pending, struck = after(situation.pending, made, left=left)
    return strike(case, pending, struck | set(fallen), event)


def strike(case: Case, pending: Pending, struck: set[str], event: Event) -> Pending:
    """Strike out the collected signatures of some moves; return the others."""
    if struck:
        collected = situations.collected_signatures(case)
        collected.filter(move__in=struck).update(struck_by=event)
    return {name: roles for name, roles in pending.items() if name not in struck}


def _undo(case: Case, move: Move, event: Event) -> None:
    """Strike out the approvals that a move undoes, or gives anew."""
    undone = {*move.voids, *([move.name] if move.covers else [])}
    if undone:
        Signature.objects.filter(
            case=case, move__in=undone, took_effect_by__isnull=False, struck_by=None
        ).exclude(took_effect_by=event).update(struck_by=event)


# What approvals cover


def approvals(case: Case, moves: Collection[str]) -> "list[Signature]":
    """Return the signatures of the decisions, among these moves, still in effect."""
    if not moves:
        return []
    found = Signature.objects.filter(
        case=case, move__in=moves, took_effect_by__isnull=False, struck_by=None
    )
    return list(found.select_related("user").order_by("at", "pk"))


def content_of(subject: Subject, move: Move) -> dict[str, str]:
    """Return, for each fact that a move covers, a SHA-256 of what it is now."""
    return {fact.name: _digest(subject, fact.name) for fact in move.covers}


def _digest(subject: Subject, name: str) -> str:
    value = getattr(subject, name)
    value = situations.plain(value() if callable(value) else value)
    return hashlib.sha256(canonical.text_of({name: value}).encode()).hexdigest()


def changed_content(
    subject: Subject, process: Process, signatures: Collection[Signature]
) -> Mapping[str, list[str]]:
    """Name, for each move that was signed, the facts it covers that have changed."""
    now: dict[str, dict[str, Any]] = {}
    found: dict[str, list[str]] = {}
    for signature in signatures:
        move = process.move(signature.move)
        current = now.setdefault(move.name, content_of(subject, move))
        changed = [
            fact.label
            for fact in move.covers
            if fact.name in signature.content
            and signature.content[fact.name] != current[fact.name]
        ]
        if changed:
            found[move.name] = changed
    return found


def fallen_facts(fallen: Fallen) -> dict[str, Any]:
    """Record which signatures fall because what they covered has changed."""
    return {"fallen": dict(fallen)} if fallen else {}


def fallen_in(situation: Situation, made: Move | None = None) -> Fallen:
    """Find the moves, but the one being made, whose signatures lost their object."""
    subject, process = situation.subject, situation.process
    names = set(process.approvals) & set(situation.pending)
    names -= {made.name} if made else set()
    if not names:
        return {}
    collected = situations.collected_signatures(subject.case).filter(move__in=names)
    return changed_content(subject, process, collected)


def covered(subject: Subject, move: Move) -> dict[str, Any]:
    """Record what is approved, so that nobody can say later it was something else."""
    content = content_of(subject, move)
    return {"content": content} if content else {}
