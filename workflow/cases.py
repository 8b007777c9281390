"""Bind procedures to the models they move, and make a move lawful or impossible."""

import datetime
import functools
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django_fsm import GET_STATE, transition

from workflow.models import Case, Subject, Unit
from workflow.process import BACK, STAY, Move, Process, ProcessError


class OutsideEngine(Exception):
    """A move was called directly: only `engine.fire` makes one."""


class UnknownProcess(LookupError):
    """No model is bound to this procedure in this version."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """A person who tries to make a move.

    - `seen`: the version of the case that the person was looking at;
    - `key`: the same for a form sent twice;
    - `inputs`: what the move asks for, by name;
    - `effective_on`: the day on which it takes legal effect, today if not said;
    - `confirmed_at`: when the person last proved who she is.
    """

    move: Move
    by: Any
    at: datetime.datetime
    seen: int
    key: uuid.UUID
    reason: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    effective_on: datetime.date | None = None
    confirmed_at: datetime.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Made(Attempt):
    """
    An attempt found lawful: its inputs are clean, its day is known.

    - `role`, `unit`: the quality in which the person makes the move;
    - `principal`: the person in whose name she makes it, if not her own.
    """

    effective_on: datetime.date
    role: str
    unit: Unit
    principal: Any = None


Effect = Callable[[Any, Made], None]
SubjectModel = TypeVar("SubjectModel", bound=type[Subject])

_performing: ContextVar[Subject | None] = ContextVar("performing", default=None)


def performs(*moves: Move) -> Callable[[Effect], Effect]:
    """Mark the method that says what these moves change in a subject."""

    def mark(method: Effect) -> Effect:
        @functools.wraps(method)
        def guarded(self: Any, made: Made) -> None:
            if _performing.get() is not self:
                raise OutsideEngine(f"{type(self).__name__}.{method.__name__}")
            method(self, made)

        guarded.performs = moves  # type: ignore[attr-defined]
        return guarded

    return mark


@dataclass(frozen=True)
class Binding:
    """A procedure and the model it moves."""

    process: Process
    model: type[Subject]
    effects: Mapping[Move, Effect]


_bindings: dict[tuple[str, int], Binding] = {}


def subject_of(*processes: Process) -> Callable[[SubjectModel], SubjectModel]:
    """
    Bind a model to the procedures that move it.

    :raises ProcessError: if a method performs a move that none of them declares
    """

    def bind(model: SubjectModel) -> SubjectModel:
        effects = dict(_effects_of(model))
        declared = {move for process in processes for move in process.moves}
        if stray := sorted(move.name for move in set(effects) - declared):
            raise ProcessError(f"{model.__name__} : gestes inconnus {stray}.")
        for process in processes:
            _bindings[process.name, process.version] = Binding(process, model, effects)
        return model

    return bind


def _effects_of(model: type[Subject]) -> Iterator[tuple[Move, Effect]]:
    for attribute in vars(model).values():
        for move in getattr(attribute, "performs", ()):
            yield move, attribute


def binding_of(name: str, version: int) -> Binding:
    """
    Return the procedure of that name and version, and its model.

    :raises UnknownProcess: if there is none
    """
    try:
        return _bindings[name, version]
    except KeyError:
        raise UnknownProcess(f"{name} v{version}") from None


def process_of(case: Case) -> Process:
    """Return the procedure that a case follows, in the version it started under."""
    return binding_of(case.process, case.process_version).process


def latest_of(name: str) -> Process:
    """
    Return the latest version of a procedure: the one under which cases open.

    :raises UnknownProcess: if there is none
    """
    versions = [version for bound, version in _bindings if bound == name]
    if not versions:
        raise UnknownProcess(name)
    return _bindings[name, max(versions)].process


def bound_processes() -> list[Process]:
    """Return every procedure that moves something, latest versions last."""
    return [_bindings[key].process for key in sorted(_bindings)]


@contextmanager
def _permission_to_move(subject: Subject) -> Iterator[None]:
    token = _performing.set(subject)
    try:
        yield
    finally:
        _performing.reset(token)


def make(subject: Subject, made: Made) -> None:
    """
    Move a subject's case to its next state, and change its fields accordingly.

    Called by the engine alone, under the lock and after the refusals.

    :raises django_fsm.TransitionNotAllowed: if the state does not allow it
    """
    case = subject.case
    effect = binding_of(case.process, case.process_version).effects.get(made.move)
    left = case.state
    if made.move.pauses:
        case.returns_to = case.state
    with _permission_to_move(subject):
        _lawful(made.move)(case, functools.partial(_perform, effect, subject, made))
    if not made.move.pauses and made.move.leaves_state(left):
        case.returns_to = ""
    case.stage = process_of(case).stage_of(case.state)


def carry_over(case: Case, process: Process, *, state: str, returns_to: str) -> None:
    """
    Have a case follow another version of its procedure, at the state that stands for
    its own there.

    Called by `transfers` alone, under the lock.
    """

    def migrate(case: Case) -> None:
        case.process_version = process.version

    transition(field=Case._meta.get_field("state"), source=case.state, target=state)(
        migrate
    )(case)
    case.returns_to = returns_to
    case.stage = process.stage_of(state)


def _perform(effect: Effect | None, subject: Subject, made: Made) -> None:
    if effect is not None:
        effect(subject, made)


@functools.cache
def _lawful(move: Move) -> Callable[[Case, Callable[[], None]], None]:
    def run(case: Case, perform: Callable[[], None]) -> None:
        perform()

    run.__name__ = move.name
    target: Any = str(move.target)
    if move.target is BACK:
        target = GET_STATE(lambda case, perform: case.returns_to)
    elif move.target is STAY:
        target = None
    bound: Callable[[Case, Callable[[], None]], None] = transition(
        field=Case._meta.get_field("state"),
        source=sorted(map(str, move.source)),
        target=target,
    )(run)
    return bound
