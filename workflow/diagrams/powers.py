"""Lay out who may do what: the roles of a procedure against all that it allows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from workflow.process import By, Process, Rule

YES = "oui"


@dataclass(frozen=True, slots=True)
class Power:
    """One thing that a procedure allows, and to whom.

    - `number`: that of the move, none for the rest;
    - `held`: each role of the table by its label, with how it takes part, if it does.
    """

    label: str
    held: tuple[tuple[str, str], ...]
    number: int = 0


@dataclass(frozen=True, slots=True)
class Powers:
    """Who may do what in a whole procedure.

    - `roles`, `idle`: the labels of the roles that take part, and of the others.
    """

    roles: tuple[str, ...]
    idle: tuple[str, ...]
    reading: Power
    moves: tuple[Power, ...]
    edits: tuple[Power, ...]


@dataclass(frozen=True, slots=True)
class Act:
    """
    A move or an edit that a role takes part in.

    - `number`: that of the move, none for an edit;
    - `part`: how the role takes part, if it does not do it alone.
    """

    label: str
    part: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Right:
    """What a role may do in a state."""

    role: str
    label: str
    acts: tuple[Act, ...]


def rights_of(process: Process, state: str) -> list[Right]:
    """Return what each role may do in a state, in the order of the roles."""
    acts: dict[str, list[Act]] = {}
    for number, move in enumerate(process.moves, 1):
        if state in move.source:
            for role, part in _parts(move.by).items():
                said = "" if part == YES else part
                acts.setdefault(role, []).append(Act(move.label, said, number))
    for edit in process.edits:
        if state in edit.source:
            for role in map(str, edit.by):
                acts.setdefault(role, []).append(Act(edit.label))
    everyone = map(str, process.roles.values)
    return [
        Right(role, process.role_label(role), tuple(acts[role]))
        for role in everyone
        if role in acts
    ]


def powers_of(process: Process) -> Powers:
    """Return the table of the roles that a procedure gives something to do or see."""
    everyone = list(map(str, process.roles.values))
    roles = [role for role in everyone if role in _mentioned(process)]

    def power(label: str, parts: Mapping[str, str], number: int = 0) -> Power:
        held = ((process.role_label(role), parts.get(role, "")) for role in roles)
        return Power(label, tuple(held), number)

    return Powers(
        roles=tuple(process.role_label(role) for role in roles),
        idle=tuple(process.role_label(r) for r in everyone if r not in roles),
        reading=power("Voir tous les dossiers de son ressort", _all(process.readers)),
        moves=tuple(
            power(move.label, _parts(move.by), number)
            for number, move in enumerate(process.moves, 1)
        ),
        edits=tuple(power(edit.label, _all(edit.by)) for edit in process.edits),
    )


def _mentioned(process: Process) -> set[str]:
    """Find the roles that make moves or edits, or see everything."""
    makers = {str(role) for move in process.moves for role in move.by.roles}
    editors = {str(role) for edit in process.edits for role in edit.by}
    return makers | editors | set(map(str, process.readers))


def _all(roles: Collection[str]) -> dict[str, str]:
    return {str(role): YES for role in roles}


def _parts(by: By) -> dict[str, str]:
    """Say how each role of a move takes part in it."""
    match by.rule:
        case Rule.ANY:
            return _all(by.roles)
        case Rule.ALL:
            return {str(role): "signe" for role in by.roles}
        case Rule.IN_ORDER:
            return {
                str(role): f"signe en {_rank(place)}"
                for place, role in enumerate(by.roles, 1)
            }


def _rank(place: int) -> str:
    return "1er" if place == 1 else f"{place}e"
