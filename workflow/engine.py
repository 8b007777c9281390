"""The one door: nothing moves a case but `fire`, nor changes its facts but `amend`.

State, event, tasks and messages are written together or not at all: every function
runs in the caller's transaction, under the lock of the case's row.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError

from workflow import (
    cases,
    consultations,
    effects,
    inputs,
    outbox,
    progress,
    signatures,
    situations,
    statements,
)
from workflow.answers import (
    KeyReused,
    MoveRefused,
    Receipt,
    StaleCase,
    changes_since,
    repeated,
    repeated_or_stale,
)
from workflow.cases import Attempt, Made
from workflow.deadlines import LOCAL
from workflow.effects import Effects
from workflow.models import Case, Event, Subject, Task, Unit
from workflow.process import Edit, Move, Process, UnknownMove
from workflow.refusals import (
    Refusal,
    acting_role,
    acting_unit,
    bound,
    edit_refusals,
    prospective,
    refusals,
)
from workflow.signatures import Fallen
from workflow.situations import Situation
from workflow.trail import chain

__all__ = [
    "Amendment",
    "Attempt",
    "Effects",
    "KeyReused",
    "MoveRefused",
    "Noted",
    "Outcome",
    "Prospect",
    "Receipt",
    "StaleCase",
    "amend",
    "fire",
    "fire_all",
    "preview",
    "prospects",
]


@dataclass(frozen=True, slots=True)
class Prospect:
    """One move of a procedure, as it stands for one person on one case."""

    move: Move
    refusals: tuple[Refusal, ...]

    @classmethod
    def of(cls, situation: Situation, move: Move) -> "Prospect":
        return cls(move, tuple(prospective(situation, move)))

    @property
    def is_open(self) -> bool:
        return not self.refusals


@dataclass(frozen=True, slots=True)
class Noted:
    """What an amendment adds to the trail, beside the columns that changed."""

    facts: Mapping[str, Any] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Amendment:
    """A person who changes facts; `seen` is None if what she saw does not matter."""

    edit: Edit
    by: Any
    at: datetime.datetime
    seen: int | None
    key: UUID


def fire(process: Process, case_id: int, attempt: Attempt) -> Receipt:
    """
    Make a move, and record all that follows from it.

    `process` names the procedure, in any version: the case follows its own.

    :raises UnknownMove: if the version that the case follows has no such move
    :raises Subject.DoesNotExist: if the procedure has no such case
    :raises StaleCase: if the case has changed since the person saw it
    :raises MoveRefused: if anything forbids it; every reason is said
    :raises KeyReused: if the key of the request has served for something else
    """
    subject = situations.locked(process, case_id)
    if attempt.seen != subject.case.version:
        return repeated_or_stale(subject.case, attempt, attempt.move.name)
    _known(subject, attempt.move)
    followed = cases.process_of(subject.case)
    situation = situations.situation_of(followed, subject, by=attempt.by, at=attempt.at)
    decision = _decided(situation, attempt)
    [event] = _recorded([decision])
    return _concluded(decision, event)


Outcome = Receipt | StaleCase | MoveRefused | KeyReused | UnknownMove


def fire_all(
    process: Process,
    attempts: Mapping[int, Attempt],
    *,
    by: Any,
    at: datetime.datetime,
) -> dict[int, Outcome]:
    """
    Make one person's moves on several cases, as `fire` makes each, in few statements.

    What is refused of one case is its outcome, and does not stop the others. What
    breaks down breaks all: the caller's transaction is then to be undone.

    :raises KeyReused: if a key has served for another case meanwhile
    """
    subjects = situations.locked_all(process, attempts)
    gathered = situations.situations_of(subjects.values(), by=by, at=at)
    outcomes: dict[int, Outcome] = {}
    decisions = []
    for case_id, situation in gathered.items():
        attempt = attempts[case_id]
        try:
            if attempt.seen != situation.subject.case.version:
                case, name = situation.subject.case, attempt.move.name
                outcomes[case_id] = repeated_or_stale(case, attempt, name)
                continue
            _known(situation.subject, attempt.move)
            decisions.append(_decided(situation, attempt))
        except (StaleCase, MoveRefused, KeyReused, UnknownMove) as refused:
            outcomes[case_id] = refused
    with statements.together():
        for decision, event in zip(decisions, _recorded(decisions), strict=True):
            outcomes[event.case_id] = _concluded(decision, event)
    return outcomes


def _known(subject: Subject, move: Move) -> None:
    """
    Make sure that the version which a case follows declares a move.

    :raises UnknownMove: if it has none, or another of this name
    """
    if cases.process_of(subject.case).move(move.name) != move:
        raise UnknownMove(move.name)


def prospects(
    process: Process, case_id: int, *, by: Any, at: datetime.datetime
) -> list[Prospect]:
    """
    Say of each move open to a case whether a person can make it now, or why not.

    :raises Subject.DoesNotExist: if the procedure has no such case
    """
    model = cases.binding_of(process.name, process.version).model
    subject = model._default_manager.select_related("case").get(
        pk=case_id, case__process=process.name
    )
    followed = cases.process_of(subject.case)
    situation = situations.situation_of(followed, subject, by=by, at=at)
    return [Prospect.of(situation, move) for move in followed.moves]


def preview(situation: Situation, move: Move, *, at: datetime.datetime) -> Effects:
    """
    Say what a move would change, by the very rules that change it; write nothing.

    :raises MoveRefused: if something already known forbids it
    """
    if found := prospective(situation, move):
        raise MoveRefused(found)
    case, role = situation.subject.case, acting_role(situation, move)
    assert role is not None, "refusals let through a person without a role"
    attempt = Attempt(move=move, by=situation.by, at=at, seen=case.version, key=uuid4())
    unit = acting_unit(situation, move, role)
    principal = situation.standing.principal(role, unit)
    return effects.of(situation, _cleaned(attempt, role, unit, principal))


def amend(
    process: Process,
    case_id: int,
    amendment: Amendment,
    change: Callable[[Any], Noted],
) -> Receipt:
    """
    Change the facts of a case without moving it.

    `change` receives the locked subject, changes it or the rows that belong to it,
    and returns what the trail must note beside the subject's own columns.

    :raises UnknownMove: if the version that the case follows has no such edit
    :raises Subject.DoesNotExist: if the procedure has no such case
    :raises StaleCase: if the case has changed since the person saw it
    :raises MoveRefused: if the person may not change it in this state
    :raises KeyReused: if the key of the request has served for something else
    """
    subject = situations.locked(process, case_id)
    case, edit = subject.case, amendment.edit
    if receipt := repeated(case, amendment.by, amendment.key, edit.name):
        return receipt
    if amendment.seen not in {None, case.version}:
        raise StaleCase(case, changes_since(case, amendment.seen or 0))
    followed = cases.process_of(case)
    if followed.edit(edit.name) != edit:
        raise UnknownMove(edit.name)
    situation = situations.situation_of(
        followed, subject, by=amendment.by, at=amendment.at
    )
    if found := edit_refusals(situation, edit):
        raise MoveRefused(found)
    return _changed(situation, amendment, change)


def _changed(
    situation: Situation, amendment: Amendment, change: Callable[[Any], Noted]
) -> Receipt:
    """Change what nothing forbids: facts, trail, and what was agreed on them."""
    subject, case = situation.subject, situation.subject.case
    before = situations.values_of(subject)
    noted = change(subject)
    if found := _bound(situation):
        raise MoveRefused(found)
    case.version += 1
    case.changed_at = amendment.at
    fallen = signatures.fallen_in(situation)
    event = recorded(case, _amended(situation, amendment, before, noted, fallen))
    pending = signatures.strike(case, situation.pending, set(fallen), event)
    case.awaits_signatures = bool(pending)
    _save(subject, before)
    if fallen:
        progress.realign(
            subject,
            situation.unfinished_tasks,
            situation.standing.parties,
            pending,
            amendment.at,
        )
    _refresh_tasks(case)
    return Receipt.of(event)


def _bound(situation: Situation) -> list[Refusal]:
    """Refuse to change what an approval in effect covers: a move must undo it first."""
    process, subject = situation.process, situation.subject
    approved = signatures.approvals(subject.case, process.approvals)
    return bound(process, signatures.changed_content(subject, process, approved))


def _amended(
    situation: Situation,
    amendment: Amendment,
    before: situations.Values,
    noted: Noted,
    fallen: Fallen,
) -> chain.Entry:
    subject = situation.subject
    changes, texts = situations.split(subject, situations.changed(before, subject))
    standing = situation.standing
    role = standing.first_held(sorted(amendment.edit.by)) or ""
    unit = next(iter(standing.held.get(role, ())), None)
    return chain.Entry(
        kind="amendment",
        move=amendment.edit.name,
        actor=amendment.by,
        at=amendment.at,
        principal=standing.principal(role, unit),
        role=role,
        unit=unit,
        request_key=amendment.key,
        facts={
            "from": subject.case.state,
            "to": subject.case.state,
            "seen": amendment.seen,
            "process_digest": situation.process.digest,
            "changes": changes,
            "noted": dict(noted.facts),
            **signatures.fallen_facts(fallen),
        },
        texts=texts | dict(noted.texts),
    )


def _cleaned(attempt: Attempt, role: str, unit: Unit, principal: Any) -> Made:
    values, _ = inputs.clean(attempt.move, attempt.inputs)
    return Made(
        move=attempt.move,
        by=attempt.by,
        at=attempt.at,
        seen=attempt.seen,
        key=attempt.key,
        reason=attempt.reason.strip(),
        inputs=values,
        effective_on=attempt.effective_on or attempt.at.astimezone(LOCAL).date(),
        confirmed_at=attempt.confirmed_at,
        role=role,
        unit=unit,
        principal=principal,
    )


@dataclass(frozen=True, slots=True)
class _Decision:
    """A move made in memory, with the event that tells it, not yet written."""

    situation: Situation
    made: Made
    state: str
    before: situations.Values
    fallen: Fallen
    draft: chain.Draft


def _decided(situation: Situation, attempt: Attempt) -> _Decision:
    """
    Make a move that nothing forbids, in memory.

    :raises MoveRefused: if anything forbids it
    """
    if found := refusals(situation, attempt):
        raise MoveRefused(found)
    role = acting_role(situation, attempt.move)
    assert role is not None, "refusals let through a person without a role"
    unit = acting_unit(situation, attempt.move, role)
    principal = situation.standing.principal(role, unit)
    made = _cleaned(attempt, role, unit, principal)
    subject, case = situation.subject, situation.subject.case
    state, before = case.state, situations.values_of(subject)
    _, takes_effect = signatures.signing(situation.pending, made)
    if takes_effect:
        cases.make(subject, made)
    case.version += 1
    case.changed_at = made.at
    kind = outbox.MOVED if takes_effect else outbox.SIGNED
    fallen = signatures.fallen_in(situation, made.move)
    entry = _moved(situation, made, state, before, kind, fallen)
    return _Decision(situation, made, state, before, fallen, chain.draft(case, entry))


def _concluded(decision: _Decision, event: Event) -> Receipt:
    """Write what follows from an event: signatures, state, tasks, messages."""
    situation, made = decision.situation, decision.made
    subject, case = situation.subject, situation.subject.case
    left = case.state != decision.state
    pending = signatures.settle(situation, made, event, decision.fallen, left=left)
    if made.move.answers is not None and event.kind == outbox.MOVED:
        consultations.record(case, made.move.answers, made, event)
    case.awaits_signatures = bool(pending)
    _save(subject, decision.before)
    progress.advance(
        subject,
        situation.unfinished_tasks,
        made,
        situation.standing.parties,
        pending,
    )
    if outbox.enqueue(case.process, event):
        outbox.bell.ring()
    return Receipt.of(event)


def _moved(
    situation: Situation,
    made: Made,
    state: str,
    before: situations.Values,
    kind: str,
    fallen: Fallen,
) -> chain.Entry:
    subject = situation.subject
    changes, texts = situations.split(subject, situations.changed(before, subject))
    said, told = _split_inputs(made)
    return chain.Entry(
        kind=kind,
        move=made.move.name,
        actor=made.by,
        principal=made.principal,
        at=made.at,
        role=made.role,
        unit=made.unit,
        request_key=made.key,
        facts={
            "from": state,
            "to": subject.case.state,
            "seen": made.seen,
            "effective_on": made.effective_on,
            "confirmed_at": made.confirmed_at,
            "process_digest": situation.process.digest,
            "inputs": said,
            "changes": changes,
            **signatures.covered(subject, made.move),
            **signatures.fallen_facts(fallen),
            **progress.put_off(subject.case, situation.unfinished_tasks, made),
        },
        texts=texts | told,
    )


def _split_inputs(made: Made) -> tuple[dict[str, Any], dict[str, str]]:
    """Sort what was typed: plain facts, and texts that may have to be erased."""
    free = {wanted.name for wanted in made.move.inputs if wanted.kind.is_free_text}
    said = {k: situations.plain(v) for k, v in made.inputs.items() if k not in free}
    told = {f"input.{k}": v for k, v in made.inputs.items() if k in free and v}
    if made.reason:
        told["reason"] = made.reason
    return said, told


def recorded(case: Case, entry: chain.Entry) -> Event:
    """
    Write an event at the end of a locked case's trail.

    :raises KeyReused: if the key of the request has served for something else
    """
    return _written([chain.draft(case, entry)])[0]


def _recorded(decisions: Sequence[_Decision]) -> list[Event]:
    return _written([decision.draft for decision in decisions])


def _written(drafts: Sequence[chain.Draft]) -> list[Event]:
    try:
        return chain.write(drafts)
    except IntegrityError as error:
        # Under the lock of the case, only the key can have been taken: by another
        # request of this person, about another case.
        keys = ", ".join(str(draft.entry.request_key) for draft in drafts)
        raise KeyReused(keys) from error


_CASE_COLUMNS = (
    "state",
    "stage",
    "returns_to",
    "version",
    "awaits_signatures",
    "changed_at",
    "latest_seq",
    "latest_hash",
    "title",
    "amount_cents",
)


def _save(subject: Subject, before: situations.Values) -> None:
    """Write the case, and of its subject what changed."""
    case = subject.case
    statements.update([case], _CASE_COLUMNS)
    if changes := situations.changed(before, subject):
        statements.update([subject], changes)


def _refresh_tasks(case: Case) -> None:
    """Repeat in the open tasks what the inbox shows of their case."""
    Task.objects.unfinished().filter(case=case).exclude(
        subject=case.title, amount_cents=case.amount_cents
    ).update(subject=case.title, amount_cents=case.amount_cents)
