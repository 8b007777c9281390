"""Declare a procedure: its states, its moves, who makes them, on what condition.

Nothing here touches a database, a clock or a network: a declaration is data that
a lawyer can read, a test can enumerate and a diagram can be drawn from.
"""

import datetime
import enum
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import rfc8785
from django.db.models import TextChoices

from workflow.audiences import ALL, UNIT, Audience
from workflow.opinions import Opinions


class ProcessError(Exception):
    """The declaration of a procedure contradicts itself."""


class UnknownMove(LookupError):
    """The procedure declares no move of this name."""


class Rule(enum.Enum):
    """How many of the roles of a move must agree, and in which order."""

    ANY = "l’un de"
    ALL = "ensemble"
    IN_ORDER = "puis"


@dataclass(frozen=True, slots=True)
class By:
    """Who makes a move: one role among several, all of them, or one after another."""

    rule: Rule
    roles: tuple[str, ...]

    @property
    def needs_signatures(self) -> bool:
        """Tell whether the move only takes effect once several people signed."""
        return self.rule is not Rule.ANY

    def may_sign_next(self, signed: frozenset[str]) -> tuple[str, ...]:
        """Return the roles whose turn it is, given those that have signed."""
        waiting = tuple(role for role in self.roles if role not in signed)
        return waiting[:1] if self.rule is Rule.IN_ORDER else waiting


def any_of(*roles: str) -> By:
    """Let any one of these roles make the move."""
    return By(Rule.ANY, roles)


def both(*roles: str) -> By:
    """Ask every one of these roles, in any order, each through another person."""
    return By(Rule.ALL, roles)


def in_order(*roles: str) -> By:
    """Ask every one of these roles, one after another, each through another person."""
    return By(Rule.IN_ORDER, roles)


class InputKind(enum.Enum):
    """What may be typed into a field of a move."""

    LINE = "texte court"
    TEXT = "texte"
    DAY = "date"
    COUNT = "nombre"
    CENTS = "montant"
    CHOICE = "choix"
    YES = "confirmation"

    @property
    def is_free_text(self) -> bool:
        """Tell whether it may hold personal data, and so must be erasable."""
        return self in {InputKind.LINE, InputKind.TEXT}


@dataclass(frozen=True, slots=True)
class Input:
    """One thing a person must say when she makes a move."""

    name: str
    label: str
    kind: InputKind
    required: bool = True
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Requirement:
    """A condition on the subject of a case, which explains itself.

    `check` takes the subject and the day, and returns the reasons why it is not
    met: none when it is.
    """

    label: str
    check: Callable[[Any, datetime.date], list[str]]

    def __call__(self, subject: Any, on: datetime.date) -> list[str]:
        return self.check(subject, on)


def requirement(
    label: str,
) -> Callable[[Callable[[Any, datetime.date], list[str]]], Requirement]:
    """Name a condition for the published tables; its function finds the reasons."""

    def name(check: Callable[[Any, datetime.date], list[str]]) -> Requirement:
        return Requirement(label, check)

    return name


@dataclass(frozen=True, slots=True)
class InputRule:
    """A condition on what is typed: `check` takes the subject and the values.

    It returns, for each input at fault, the reason why.
    """

    label: str
    check: Callable[[Any, Mapping[str, Any]], dict[str, str]]

    def __call__(self, subject: Any, values: Mapping[str, Any]) -> dict[str, str]:
        return self.check(subject, values)


def input_rule(
    label: str,
) -> Callable[[Callable[[Any, Mapping[str, Any]], dict[str, str]]], InputRule]:
    """Name a condition on what is typed, for the published tables."""

    def name(check: Callable[[Any, Mapping[str, Any]], dict[str, str]]) -> InputRule:
        return InputRule(label, check)

    return name


class Relative(enum.Enum):
    """A target that depends on where the case is, or was."""

    BACK = "état précédent"
    STAY = "même état"


BACK = Relative.BACK
"""Where the case was before a pause."""

STAY = Relative.STAY
"""Where the case is, for a move made in several states."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that an approval covers: an attribute of the subject, or a method."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Move:
    """One lawful step of a case from a state to another.

    - `label`: an infinitive, as it stands on the button;
    - `reason`: a written reason is demanded;
    - `reauthenticate`: the person must have proved who she is a moment ago;
    - `apart_from`: names of moves whose authors may not make this one;
    - `apart_from_unit`: roles played in the case by units whose members may not
      make this move, but in that very role;
    - `pauses`: open tasks are held, and their clocks with them, until the case
      comes back;
    - `strikes`: name of the move whose collected signatures this one strikes out;
    - `covers`: the facts that the people who make it approve: its signatures fall
      when one changes, and once it took effect none may change;
    - `voids`: names of the moves, already in effect, that it undoes;
    - `answers`: the consultation to which it gives an opinion;
    - `awaits`: the consultations whose outcome it depends on;
    - `consequence`: what the button promises, in the words of the procedure;
    - `basis`: the article or the rule it applies, for the published tables.
    """

    name: str
    label: str
    source: frozenset[str]
    target: str | Relative
    by: By
    requires: tuple[Requirement, ...] = ()
    inputs: tuple[Input, ...] = ()
    input_rules: tuple[InputRule, ...] = ()
    reason: bool = False
    reauthenticate: bool = False
    apart_from: tuple[str, ...] = ()
    apart_from_unit: tuple[str, ...] = ()
    pauses: bool = False
    strikes: str = ""
    covers: tuple[Fact, ...] = ()
    voids: tuple[str, ...] = ()
    answers: Opinions | None = None
    awaits: tuple[Opinions, ...] = ()
    consequence: str = ""
    basis: str = ""

    def leaves_state(self, state: str) -> bool:
        """Tell whether the move takes a case out of `state`."""
        return self.target is not STAY and self.target != state

    def declaration(self) -> dict[str, Any]:
        """Return everything that decides what the move means, as plain data."""
        return {
            "name": self.name,
            "label": self.label,
            "source": sorted(self.source),
            "target": str(getattr(self.target, "name", self.target)),
            "by": {"rule": self.by.rule.name, "roles": list(map(str, self.by.roles))},
            "requires": [requirement.label for requirement in self.requires],
            "inputs": [
                {
                    "name": i.name,
                    "label": i.label,
                    "kind": i.kind.name,
                    "required": i.required,
                    "choices": [list(choice) for choice in i.choices],
                }
                for i in self.inputs
            ],
            "input_rules": [rule.label for rule in self.input_rules],
            "reason": self.reason,
            "reauthenticate": self.reauthenticate,
            "apart_from": list(self.apart_from),
            "apart_from_unit": list(map(str, self.apart_from_unit)),
            "pauses": self.pauses,
            "strikes": self.strikes,
            "covers": [fact.name for fact in self.covers],
            "voids": list(self.voids),
            "answers": self.answers.declaration() if self.answers else None,
            "awaits": [opinions.declaration() for opinions in self.awaits],
        }


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to the facts of a case that leaves its state alone.

    `source` names the states in which `by`, any of these roles, may make it, and
    `touches` the facts that moves may have approved.
    """

    name: str
    label: str
    source: frozenset[str]
    by: frozenset[str]
    touches: tuple[str, ...] = ()


@dataclass(frozen=True)
class Process:
    """A whole procedure, in one version.

    - `states` and `roles`: enumerations whose labels users read;
    - `stages`: the stage each state belongs to, in pipeline order;
    - `readers`: roles that see every case of their jurisdiction;
    - `edits`: the changes to the facts that leave the state alone;
    - `overseers`: roles that declare the conflict of interest of somebody else, and
      may lift one;
    - `audiences`: to whom a comment may be addressed, beside one's unit and everybody;
    - `prefix`: what the references of its cases begin with.

    :raises ProcessError: if the declaration contradicts itself
    """

    name: str
    version: int
    title: str
    prefix: str
    states: type[TextChoices]
    roles: type[TextChoices]
    stages: Mapping[Any, str]
    initial: str
    final: frozenset[str]
    moves: tuple[Move, ...]
    readers: frozenset[str] = frozenset()
    edits: tuple[Edit, ...] = ()
    overseers: frozenset[str] = frozenset()
    audiences: tuple[Audience, ...] = ()

    def __post_init__(self) -> None:
        contradictions = list(_contradictions(self))
        if contradictions:
            raise ProcessError(f"{self.name} : " + " ".join(contradictions))

    @cached_property
    def _by_name(self) -> dict[str, Move]:
        return {move.name: move for move in self.moves}

    def move(self, name: str) -> Move:
        """
        Return the move of that name.

        :raises UnknownMove: if the procedure has none
        """
        try:
            return self._by_name[name]
        except KeyError:
            raise UnknownMove(name) from None

    def edit(self, name: str) -> Edit:
        """
        Return the edit of that name.

        :raises UnknownMove: if the procedure has none
        """
        for edit in self.edits:
            if edit.name == name:
                return edit
        raise UnknownMove(name)

    @cached_property
    def approvals(self) -> tuple[str, ...]:
        """The names of the moves whose signatures cover facts."""
        return tuple(move.name for move in self.moves if move.covers)

    def moves_from(self, state: str) -> tuple[Move, ...]:
        """Return the moves that are lawful in a state, in the order declared."""
        return tuple(move for move in self.moves if state in move.source)

    def state_label(self, state: str) -> str:
        return str(self.states(state).label)

    def role_label(self, role: str) -> str:
        return str(self.roles(role).label)

    def stage_of(self, state: str) -> str:
        return str(self.stages[state])

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the declaration, in hexadecimal: what the trail records."""
        return hashlib.sha256(
            rfc8785.dumps(
                {
                    "name": self.name,
                    "version": self.version,
                    "states": [[str(s.value), str(s.label)] for s in self.states],
                    "stages": {str(s): str(g) for s, g in self.stages.items()},
                    "initial": str(self.initial),
                    "final": sorted(map(str, self.final)),
                    "moves": [move.declaration() for move in self.moves],
                    "readers": sorted(map(str, self.readers)),
                    "overseers": sorted(map(str, self.overseers)),
                    "audiences": [one.declaration() for one in self.audiences],
                    "edits": [
                        {
                            "name": edit.name,
                            "source": sorted(map(str, edit.source)),
                            "by": sorted(map(str, edit.by)),
                            "touches": list(edit.touches),
                        }
                        for edit in self.edits
                    ],
                }
            )
        ).hexdigest()


def _contradictions(process: Process) -> Iterator[str]:
    """Find what cannot be true of a procedure, in words."""
    moves, edits = process.moves, process.edits
    names = Counter([*(move.name for move in moves), *(edit.name for edit in edits)])
    yield from (f"Geste en double : {n}." for n, times in names.items() if times > 1)
    read = Counter([UNIT, ALL, *(audience.name for audience in process.audiences)])
    yield from (f"Destinataires en double : {n}." for n, t in read.items() if t > 1)
    yield from _strangers("état", process.states, _states_mentioned(process))
    yield from _strangers("rôle", process.roles, _roles_mentioned(process))
    for move in process.moves:
        for other in (*move.apart_from, *move.voids, *filter(None, [move.strikes])):
            if other not in process._by_name:
                yield f"{move.name} renvoie au geste inconnu {other}."
        yield from _unheard(move)
        if not move.source:
            yield f"{move.name} ne part d’aucun état."
        if not move.by.roles:
            yield f"{move.name} n’est fait par personne."
    yield from _dead_ends(process)


def _unheard(move: Move) -> Iterator[str]:
    """Find an opinion whose sense the move that gives it does not ask for."""
    if move.answers is None:
        return
    asked = {wanted.name: wanted for wanted in move.inputs}
    if move.answers.answer not in asked:
        yield f"{move.name} ne demande pas le sens de l’avis."
        return
    choices = {choice for choice, _ in asked[move.answers.answer].choices}
    for choice, _ in move.answers.meanings:
        if choice not in choices:
            yield f"{move.name} : sens d’avis inconnu {choice}."


def _strangers(
    noun: str, known: type[TextChoices], mentioned: Iterable[tuple[str, Iterable[str]]]
) -> Iterator[str]:
    for where, values in mentioned:
        for value in sorted(set(map(str, values)) - set(known.values)):
            yield f"{where} : {noun} inconnu {value}."


def _states_mentioned(process: Process) -> Iterator[tuple[str, Iterable[str]]]:
    yield "état initial", [process.initial]
    yield "états finals", process.final
    yield "étapes", process.stages
    for move in process.moves:
        targets = [] if isinstance(move.target, Relative) else [move.target]
        yield move.name, [*move.source, *targets]
    for edit in process.edits:
        yield edit.name, edit.source


def _roles_mentioned(process: Process) -> Iterator[tuple[str, Iterable[str]]]:
    yield "lecteurs", process.readers
    yield "garants", process.overseers
    for audience in process.audiences:
        yield f"destinataires {audience.name}", audience.roles | audience.apart_from
    for move in process.moves:
        yield move.name, (*move.by.roles, *move.apart_from_unit)
    for edit in process.edits:
        yield edit.name, edit.by


def _dead_ends(process: Process) -> Iterator[str]:
    """Find the states without a stage, a way in or a way out."""
    reached = {str(process.initial)} | {str(move.target) for move in process.moves}
    for state in process.states.values:
        if state not in process.stages:
            yield f"L’état {state} n’a pas d’étape."
        if state not in reached:
            yield f"L’état {state} est hors d’atteinte."
        if state not in process.final and not any(
            move.leaves_state(state) for move in process.moves_from(state)
        ):
            yield f"L’état {state} n’est pas final et n’a pas de sortie."
