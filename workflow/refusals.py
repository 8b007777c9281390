"""Why a move is refused: every reason at once, in the words of the person who tries.

The same function decides, explains, chooses the buttons to show and guards every
door. There is no second rule.
"""

import datetime
import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from workflow import consultations, inputs, opinions, signatures, situations
from workflow.cases import Attempt
from workflow.deadlines import LOCAL, Until
from workflow.models import Case, Conflict, Task, Unit
from workflow.opinions import Opinions
from workflow.process import Edit, Move, Process, Rule
from workflow.situations import Situation

CONFIRMATION_LASTS = datetime.timedelta(minutes=10)
"""How long a proof of identity holds for the moves that ask for one."""


class Ground(enum.Enum):
    """What kind of reason a refusal is."""

    STATE = "state"
    ROLE = "role"
    CONFLICT = "conflict"
    SIGNATURE = "signature"
    FOUR_EYES = "four_eyes"
    CLAIM = "claim"
    REQUIREMENT = "requirement"
    CONTENT = "content"
    INPUT = "input"
    IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One reason why a move cannot be made; `field` names the input at fault."""

    ground: Ground
    message: str
    field: str = ""


def acting_role(situation: Situation, move: Move) -> str | None:
    """Return the role in which the person would make a move, if she has one."""
    roles = move.by.roles
    if move.by.needs_signatures:
        signed = situation.pending.get(move.name, frozenset())
        roles = move.by.may_sign_next(signed)
    return situation.standing.first_held(roles)


def acting_unit(situation: Situation, move: Move, role: str) -> Unit:
    """Return the unit for which the person would make a move in a role.

    That of an open task which offers the move, if she acts for several units, and
    first of one that nobody else has taken, then of one to which she belongs.
    """
    units, principals = situation.standing.held[role], situation.standing.principals
    asked = sorted(
        (
            task.owner_id not in {None, situation.by.pk},
            (role, task.unit_id) in principals,
            task.pk,
            task.unit_id,
        )
        for task in situation.unfinished_tasks
        if task.role == role and task.held_at is None and move in task.flow_task.offers
    )
    order = [unit_id for *_, unit_id in asked]
    return min(
        units,
        key=lambda unit: order.index(unit.pk) if unit.pk in order else len(order),
    )


def acting_for(situation: Situation, move: Move) -> Any:
    """Return the person in whose name a move would be made; none if one's own."""
    if (role := acting_role(situation, move)) is None:
        return None
    unit = acting_unit(situation, move, role)
    return situation.standing.principal(role, unit)


def _concerned(situation: Situation, move: Move) -> Iterator[tuple[Any, str]]:
    """Find whom a past act would bar from a move: who acts, and for whom."""
    return _people(situation.by, acting_for(situation, move))


def _people(by: Any, principal: Any) -> Iterator[tuple[Any, str]]:
    yield by, "Vous avez"
    if principal:
        yield principal, f"{principal}, pour qui vous agissez, a"


def refusals(situation: Situation, attempt: Attempt) -> list[Refusal]:
    """Return every reason why this attempt is refused: none if it is not."""
    found = prospective(situation, attempt.move)
    found += _identity(attempt)
    found += _said(situation, attempt)
    return found


def prospective(situation: Situation, move: Move) -> list[Refusal]:
    """Return the reasons known before the person has typed anything."""
    found = list(_state(situation, move))
    found += _role(situation, move)
    found += _conflicts(situation.conflicts, _concerned(situation, move))
    if found:
        return found
    found += _signature(situation, move)
    found += _four_eyes(situation, move)
    found += _apart_from_unit(situation, move)
    found += _claim(situation, move)
    found += [
        Refusal(Ground.REQUIREMENT, message)
        for requirement in move.requires
        for message in requirement(situation.subject, situation.on)
    ]
    found += _opinions(situation, move)
    return found


def of_conflicts(case: Case, by: Any, principal: Any) -> list[Refusal]:
    """Refuse, at every door, whoever a conflict of interest keeps away."""
    return _conflicts(situations.conflicts_of(case), _people(by, principal))


def _conflicts(
    found: Mapping[int, Conflict], people: Iterable[tuple[Any, str]]
) -> list[Refusal]:
    refused = []
    for person, subject in people if found else ():
        if (conflict := found.get(person.pk)) is not None:
            since = conflict.declared_by.at.astimezone(LOCAL)
            refused.append(
                Refusal(
                    Ground.CONFLICT,
                    f"{subject} un conflit d’intérêts sur ce dossier, déclaré le "
                    f"{since:%d/%m/%Y} : ce qui s’y décide ne vous revient plus.",
                )
            )
    return refused


def edit_refusals(situation: Situation, edit: Edit) -> list[Refusal]:
    """Return every reason why a person may not change these facts now."""
    found = []
    state, process = situation.subject.case.state, situation.process
    if state not in edit.source:
        found.append(
            Refusal(
                Ground.STATE,
                f"« {edit.label} » n’est pas possible : "
                f"le dossier est à l’état « {process.state_label(state)} ».",
            )
        )
    if situation.standing.first_held(sorted(edit.by)) is None:
        who = " ou ".join(process.role_label(role) for role in sorted(edit.by))
        found.append(Refusal(Ground.ROLE, f"Cette modification revient à : {who}."))
    found += _conflicts(situation.conflicts, _amending(situation, edit))
    return found + _approved(situation, edit)


def _approved(situation: Situation, edit: Edit) -> list[Refusal]:
    """Refuse to touch what a decision in effect has approved."""
    process, case = situation.process, situation.subject.case
    covering = {
        name: facts
        for name in process.approvals
        if (facts := _touched(process.move(name), edit))
    }
    standing = signatures.approvals(case, covering)
    return bound(process, {one.move: covering[one.move] for one in standing})


def _touched(move: Move, edit: Edit) -> list[str]:
    return [fact.label for fact in move.covers if fact.name in edit.touches]


def bound(process: Process, changed: Mapping[str, Iterable[str]]) -> list[Refusal]:
    """Say which decisions bind facts that somebody would change."""
    return [
        Refusal(
            Ground.CONTENT,
            f"« {process.move(name).label} » a approuvé : {', '.join(facts)}. "
            "On ne peut plus y toucher tant que cette décision tient.",
        )
        for name, facts in changed.items()
    ]


def _amending(situation: Situation, edit: Edit) -> Iterator[tuple[Any, str]]:
    """Find who changes facts, and for whom."""
    standing = situation.standing
    role = standing.first_held(sorted(edit.by))
    unit = standing.held[role][0] if role else None
    return _people(situation.by, standing.principal(role or "", unit))


def clock_refusals(situation: Situation, task: Task) -> list[Refusal]:
    """Return every reason why a person may not stop this clock, nor let it go on."""
    step, label = task.flow_task, situation.process.role_label
    if task.due_at is None or isinstance(step.due, Until):
        message = "Cette demande n’a pas de délai qui lui soit propre."
        return [Refusal(Ground.REQUIREMENT, message)]
    if not step.clock:
        message = "Seul un geste de la procédure suspend ce délai."
        return [Refusal(Ground.REQUIREMENT, message)]
    if (held := clock_role(situation, task)) is None:
        who = " ou ".join(label(role) for role in sorted(step.clock))
        return [Refusal(Ground.ROLE, f"Ce délai est entre les mains de : {who}.")]
    principal = situation.standing.principal(*held)
    return _conflicts(situation.conflicts, _people(situation.by, principal))


def clock_role(situation: Situation, task: Task) -> tuple[str, Unit] | None:
    """Return the role, and the unit, for which a person keeps the clock of a task."""
    for role in sorted(task.flow_task.clock):
        for unit in situation.standing.held.get(role, ()):
            # Of several units asked in the same role, each keeps its own clock.
            if role != task.role or unit.pk == task.unit_id:
                return role, unit
    return None


def reason_refusals(reason: str) -> list[Refusal]:
    """Return what is wrong with the reason that a person gives."""
    if not reason.strip():
        return [Refusal(Ground.INPUT, "Motif : à renseigner.", field="reason")]
    try:
        inputs.read_text(reason)
    except inputs.Absurd as absurd:
        return [Refusal(Ground.INPUT, f"Motif : {absurd}", field="reason")]
    return []


def _state(situation: Situation, move: Move) -> Iterator[Refusal]:
    state = situation.subject.case.state
    if state not in move.source:
        label = situation.process.state_label
        lawful = ", ".join(f"« {label(s)} »" for s in sorted(move.source))
        yield Refusal(
            Ground.STATE,
            f"Le dossier est à l’état « {label(state)} » ; "
            f"ce geste se fait à l’état {lawful}.",
        )


def _role(situation: Situation, move: Move) -> Iterator[Refusal]:
    standing, label = situation.standing, situation.process.role_label
    if standing.first_held(move.by.roles) is not None:
        return
    link = " ou " if move.by.rule is Rule.ANY else " et "
    who = link.join(
        f"{label(role)} ({', '.join(unit.name for unit in units)})"
        if (units := standing.parties.get(role))
        else label(role)
        for role in move.by.roles
    )
    yield Refusal(Ground.ROLE, f"Ce geste revient à : {who}.")


def _signature(situation: Situation, move: Move) -> Iterator[Refusal]:
    if move.strikes and not situation.pending.get(move.strikes):
        label = situation.process.move(move.strikes).label
        yield Refusal(Ground.SIGNATURE, f"Aucune signature n’attend pour « {label} ».")
    if not move.by.needs_signatures:
        return
    signed_by = situation.signed_by.get(move.name, frozenset())
    barred = [
        words for person, words in _concerned(situation, move) if person.pk in signed_by
    ]
    for words in barred:
        yield Refusal(
            Ground.SIGNATURE,
            f"{words} déjà signé ; la signature d’une autre personne est attendue.",
        )
    if not barred and acting_role(situation, move) is None:
        signed = situation.pending.get(move.name, frozenset())
        awaited = " et ".join(
            situation.process.role_label(role) for role in move.by.may_sign_next(signed)
        )
        yield Refusal(
            Ground.SIGNATURE, f"La signature attendue est celle de : {awaited}."
        )


def _four_eyes(situation: Situation, move: Move) -> Iterator[Refusal]:
    if not move.apart_from:
        return
    for person, words in _concerned(situation, move):
        made_by = situation.moves_made_by(person)
        if made := [name for name in move.apart_from if name in made_by]:
            labels = ", ".join(f"« {situation.process.move(n).label} »" for n in made)
            yield Refusal(
                Ground.FOUR_EYES,
                f"{words} déjà fait sur ce dossier : {labels} ; "
                f"ce geste demande une autre personne.",
            )


def _apart_from_unit(situation: Situation, move: Move) -> Iterator[Refusal]:
    if not move.apart_from_unit:
        return
    standing, made_as = situation.standing, acting_role(situation, move)
    principal = acting_for(situation, move)
    theirs = standing.units.get(None, frozenset())
    theirs |= standing.units.get(principal.pk, frozenset()) if principal else set()
    for role in move.apart_from_unit:
        units = [u for u in standing.parties.get(role, ()) if u.pk in theirs]
        if units and role != made_as:
            names = ", ".join(unit.name for unit in units)
            yield Refusal(
                Ground.FOUR_EYES,
                f"Vous{f' ou {principal}' if principal else ''} appartenez à {names}, "
                "qui est dans ce dossier : "
                f"{situation.process.role_label(role)} ; ce geste demande une personne "
                "d’une autre unité.",
            )


def _opinions(situation: Situation, move: Move) -> Iterator[Refusal]:
    if move.answers is not None:
        yield from _heard(situation, move, move.answers)
    case, roles = situation.subject.case, situation.standing.parties
    for awaited in move.awaits:
        may_be = consultations.may_have_begun(case, awaited, roles)
        asked = consultations.asked(case, awaited) if may_be else []
        standings = [one.standing(awaited, situation.on) for one in asked]
        for message in opinions.obstacles(awaited, standings):
            yield Refusal(Ground.REQUIREMENT, message)


def _heard(situation: Situation, move: Move, wanted: Opinions) -> Iterator[Refusal]:
    """Refuse an opinion from a unit that is not asked for it, or has given it."""
    role = acting_role(situation, move)
    if role is None:
        return
    unit = acting_unit(situation, move, role)
    asked = consultations.asked(situation.subject.case, wanted)
    mine = [one for one in asked if one.unit.pk == unit.pk]
    if not mine:
        yield Refusal(
            Ground.REQUIREMENT,
            f"Aucun avis n’est demandé à {unit.name} sur ce dossier.",
        )
    elif mine[-1].is_answered:
        yield Refusal(Ground.REQUIREMENT, f"{unit.name} a déjà rendu son avis.")


def _claim(situation: Situation, move: Move) -> Iterator[Refusal]:
    if (role := acting_role(situation, move)) is None:
        return
    unit = acting_unit(situation, move, role)
    people = {None} | {person.pk for person, _ in _concerned(situation, move)}
    for task in situation.unfinished_tasks:
        asked = (task.role, task.unit_id, task.held_at) == (role, unit.pk, None)
        taken = task.owner_id not in people
        if asked and taken and move in task.flow_task.offers:
            yield Refusal(
                Ground.CLAIM,
                f"« {task.label} » est pris en charge par {task.owner} ; "
                f"reprenez la tâche avant d’y répondre.",
            )


def _identity(attempt: Attempt) -> Iterator[Refusal]:
    if not attempt.move.reauthenticate:
        return
    confirmed = attempt.confirmed_at
    if confirmed is None or attempt.at - confirmed > CONFIRMATION_LASTS:
        yield Refusal(
            Ground.IDENTITY,
            "Confirmez votre identité : ce geste vous engage personnellement.",
            field="password",
        )


def _said(situation: Situation, attempt: Attempt) -> Iterator[Refusal]:
    if attempt.move.reason and not attempt.reason.strip():
        yield Refusal(Ground.INPUT, "Motif : à renseigner.", field="reason")
    try:
        inputs.read_text(attempt.reason)
    except inputs.Absurd as absurd:
        yield Refusal(Ground.INPUT, f"Motif : {absurd}", field="reason")
    yield from _effect(situation, attempt.effective_on)
    values, faults = inputs.clean(attempt.move, attempt.inputs)
    # A rule may rely on the state that the move leaves.
    if not faults and situation.subject.case.state in attempt.move.source:
        for rule in attempt.move.input_rules:
            faults |= rule(situation.subject, values)
        faults |= _disagreements(situation, attempt.move, values)
    for field, message in faults.items():
        yield Refusal(Ground.INPUT, message, field=field)


def _disagreements(
    situation: Situation, move: Move, values: Mapping[str, Any]
) -> dict[str, str]:
    """Find what differs from what those who signed before said: all sign one thing."""
    if move.name not in situation.pending:
        return {}
    signed = situation.signed_inputs(move)
    return {
        wanted.name: f"{wanted.label} : la première signature dit "
        f"{situations.shown(signed[wanted.name])} ; toutes signent la même chose."
        for wanted in move.inputs
        if wanted.name in signed
        and situations.plain_text(values[wanted.name]) != signed[wanted.name]
    }


def _effect(situation: Situation, on: datetime.date | None) -> Iterator[Refusal]:
    if on is None:
        return
    if on > situation.on:
        yield Refusal(
            Ground.INPUT, "La date d’effet est dans l’avenir.", field="effective_on"
        )
    elif (entered_on := situation.entered_on) and on < entered_on:
        label = situation.process.state_label(situation.subject.case.state)
        yield Refusal(
            Ground.INPUT,
            f"Le dossier est à l’état « {label} » depuis le {entered_on:%d/%m/%Y} : "
            "ce qui suit ne peut prendre effet avant.",
            field="effective_on",
        )
