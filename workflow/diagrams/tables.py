"""Lay out a procedure in rows, as the pages and the published tables show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from workflow.diagrams import words
from workflow.diagrams.layout import asides
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
    def countersigns(self) -> Move | None: ...

    @property
    def must_be_asked(self) -> bool: ...


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
    """What a unit is asked to do, when, and within which delay."""

    title: str
    asked: str
    states: tuple[str, ...]
    delay: str
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
            moves=tuple(move.label for move in step.offers),
            note=_note(step),
        )
        for step in steps
    ]


def _note(step: Asked) -> str:
    if step.countersigns:
        signed = words.quoted(step.countersigns.label)
        return f"demandé une fois {signed} signé par les autres"
    return "" if step.must_be_asked else "chaque unité consultée répond pour elle-même"


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
