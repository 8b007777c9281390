"""Lay out a procedure in rows, as the pages and the published tables show it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from workflow.deadlines import Since, Until
from workflow.diagrams import words
from workflow.diagrams.layout import asides
from workflow.ladders import Ladder, Whom
from workflow.process import By, Edit, Move, Process, any_of


class Asked(Protocol):
    """A step of a journey, as far as a table shows it."""

    @property
    def waits_in(self) -> frozenset[str]: ...

    @property
    def asks(self) -> str: ...

    @property
    def task_title(self) -> str: ...

    @property
    def offers(self) -> tuple[Move, ...]: ...

    @property
    def due(self) -> object | None: ...

    @property
    def since(self) -> Since: ...

    @property
    def ladder(self) -> Ladder: ...

    @property
    def clock(self) -> frozenset[str]: ...

    @property
    def countersigns(self) -> Move | None: ...

    @property
    def answers_alone(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class StateRow:
    """A state, in the stage to which it belongs."""

    name: str
    stage: str
    label: str
    nature: str
    moves: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class MoveRow:
    """All that a procedure says of a move, in words."""

    number: int
    name: str
    label: str
    sources: tuple[str, ...]
    target: str
    by: tuple[str, ...]
    conditions: tuple[str, ...]
    inputs: tuple[str, ...]
    delays: tuple[str, ...]
    consequence: str
    basis: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """
    What a unit is asked to do, when, and within which delay.

    - `clock`: from when that delay runs and who may stop it, if there is more to say;
    - `warnings`: who is told that it is due, or late, and when.
    """

    title: str
    asked: str
    states: tuple[str, ...]
    delay: str
    clock: tuple[str, ...]
    warnings: tuple[str, ...]
    moves: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class EditRow:
    """A change that leaves the state alone."""

    label: str
    by: tuple[str, ...]
    states: tuple[str, ...]


def states_of(process: Process) -> list[StateRow]:
    """Return the states, stage by stage, with the numbers of the moves they allow."""
    return [
        StateRow(
            name=state,
            stage=words.stage_label(process, process.stage_of(state)),
            label=process.state_label(state),
            nature=_nature(process, state),
            moves=tuple(
                process.moves.index(move) + 1 for move in process.moves_from(state)
            ),
        )
        for stage in dict.fromkeys(process.stages.values())
        for state in map(str, process.states.values)
        if process.stage_of(state) == stage
    ]


def _nature(process: Process, state: str) -> str:
    if state == process.initial:
        return "initial"
    if state in asides(process):
        return "suspension"
    return "final" if state in process.final else ""


def moves_of(process: Process, steps: Sequence[Asked] = ()) -> list[MoveRow]:
    """Return the moves in the order declared, with the delays of the steps."""
    return [
        MoveRow(
            number=number,
            name=move.name,
            label=move.label,
            sources=words.places(process, move.source),
            target=words.target(process, move),
            by=words.who(process, move.by),
            conditions=tuple(words.conditions(process, move)),
            inputs=tuple(words.asked(move)),
            delays=_delays(move, steps),
            consequence=move.consequence,
            basis=move.basis,
        )
        for number, move in enumerate(process.moves, 1)
    ]


def _delays(move: Move, steps: Sequence[Asked]) -> tuple[str, ...]:
    """Return the delays within which a move is asked for, each once."""
    found = (str(step.due) for step in steps if move in step.offers and step.due)
    return tuple(dict.fromkeys(found))


def steps_of(process: Process, steps: Sequence[Asked]) -> list[StepRow]:
    """Return the steps of a journey, in the order declared."""
    return [
        StepRow(
            title=step.task_title,
            asked=process.role_label(step.asks),
            states=words.places(process, step.waits_in),
            delay=str(step.due) if step.due else "",
            clock=tuple(_clock(process, step)),
            warnings=tuple(_warnings(process, step)),
            moves=tuple(move.label for move in step.offers),
            note=_note(step),
        )
        for step in steps
    ]


def _clock(process: Process, step: Asked) -> Iterator[str]:
    """Say what a delay of days or months has of its own."""
    if step.due is None or isinstance(step.due, Until):
        return
    if step.since is Since.EFFECT:
        yield "court dès la date d’effet"
    roles = ", ".join(process.role_label(role) for role in sorted(step.clock))
    if not step.clock:
        yield "suspendu par les seuls gestes"
    elif step.clock != {step.asks}:
        yield f"suspendu par : {roles}"


def _warnings(process: Process, step: Asked) -> Iterator[str]:
    for rung in step.ladder:
        tells = rung.tells
        whom = tells.value if isinstance(tells, Whom) else process.role_label(tells)
        yield f"{rung.place} : {whom}"


def _note(step: Asked) -> str:
    if step.countersigns:
        signed = words.quoted(step.countersigns.label)
        return f"demandé une fois {signed} signé par les autres"
    return "chaque unité consultée répond pour elle-même" if step.answers_alone else ""


def edits_of(process: Process) -> list[EditRow]:
    """Return the changes that leave the state alone."""
    return [
        EditRow(
            label=edit.label,
            by=words.who(process, _editors(process, edit)),
            states=words.places(process, edit.source),
        )
        for edit in process.edits
    ]


def _editors(process: Process, edit: Edit) -> By:
    return any_of(*(str(role) for role in process.roles.values if role in edit.by))
