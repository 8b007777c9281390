"""Short words for what the tests of the procedures do and look at."""

import datetime
import uuid

import pytest

from erbm.cases import commands
from flows.operation import State
from tests.operations.factories import (
    COMMITTEE_DAY,
    COPIL_DAY,
    DAY,
    again,
    person,
)
from workflow.deadlines import LOCAL
from workflow.models import Event

ATTEMPT = {"confirmed_at", "effective_on", "reason", "seen"}
COMMITTEE = {"sitting_on": COMMITTEE_DAY}
COPIL = {"sitting_on": COPIL_DAY}
AGENDA = {"report": "Projet mûr.", "planned_on": COMMITTEE_DAY}
NEXT_SITTING = COMMITTEE | {"planned_on": COPIL_DAY}
WHY = {"reason": "Le périmètre doit être précisé."}
POSITIONS = {"position_for": "Le besoin est là.", "position_against": "C’est cher."}


def act(operation, name, role, *, by=None, at=None, **said):
    """Make a move as somebody who holds a role in the operation; return it anew."""
    case = again(operation).case
    at = at or case.changed_at + DAY
    told = {"confirmed_at": at, "seen": case.version}
    told |= {field: said.pop(field) for field in ATTEMPT & set(said)}
    commands.make_move(
        case_id=operation.pk,
        process=operation.process,
        attempt=commands.Attempt(
            move=operation.process.move(name),
            by=by or person(operation, role),
            at=at,
            key=uuid.uuid4(),
            inputs=said,
            **told,
        ),
    )
    return again(operation)


def refusals_of(operation, name, role, **said):
    """Return what is answered to a move that is refused, and leaves all as it was."""
    before = again(operation).case
    with pytest.raises(commands.MoveRefused) as caught:
        act(operation, name, role, **said)
    after = again(operation).case
    assert (after.version, after.latest_seq) == (before.version, before.latest_seq)
    return caught.value.refusals


def state_of(operation):
    return State(again(operation).case.state)


def asked(operation):
    """Return the steps that wait, and the roles of which they ask."""
    tasks = again(operation).case.tasks.open()
    return set(tasks.values_list("step", "role"))


def due(operation, step):
    """Return the day on which a task that waits, or is held, falls due."""
    task = again(operation).case.tasks.unfinished().filter(step=step).first()
    return task.due_at.astimezone(LOCAL).date()


def moment(day):
    return datetime.datetime.combine(day, datetime.time(10), tzinfo=LOCAL)


def trail(operation):
    events = Event.objects.filter(case=operation.pk).order_by("seq")
    return list(events.values_list("move", flat=True))
