"""The close of a sitting of many items, beside as many decisions made one by one."""

import datetime
import time
import uuid
from dataclasses import dataclass
from io import StringIO

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from erbm.cases import commands as moves
from erbm.committees import commands
from erbm.committees.models import Attendance, Body, Sitting
from erbm.operations.models import Kind, Operation
from erbm.operations.openings import Draft, open_operations
from flows.operation import State
from flows.roles import Role
from flows.sitting.lifecycle import PROCESS
from flows.stages import Stage
from workflow import progress
from workflow.models import Case, Membership, Task
from workflow.standing import parties_of

LENS = "comite-lens"


@dataclass(frozen=True)
class Figures:
    """How long it takes, in seconds, for `count` operations."""

    count: int
    one_by_one: float
    together: float


def measure(*, count):
    """Decide of as many operations one by one, then of others by one close."""
    call_command("load_reference", stdout=StringIO())
    body = Body.objects.get(code=LENS)
    chair, secretary = (_person(body, role) for role in ROLES)
    at = timezone.now()
    alone = _one_by_one(_waiting(body, count, chair, at), chair)
    together = _together(body, _waiting(body, count, chair, at), chair, secretary)
    return Figures(count, alone, together)


ROLES = (Role.SUB_PREFECT, Role.COMMITTEE_SECRETARY)


def _person(body, role):
    unit = body.seats.get(role=role).unit
    user = get_user_model().objects.create_user(f"{role}@bench.example", "x")
    since = datetime.date(2020, 1, 1)
    Membership.objects.create(user=user, unit=unit, role=role, starts_on=since)
    return user


@transaction.atomic
def _waiting(body, count, by, at):
    """Open operations that wait for the committee, as if led there by their moves."""
    owner = body.seats.get(unit__code="maisons-et-cites").unit
    drafts = [
        Draft(
            title=f"Opération {number}",
            owner=owner,
            jurisdiction=body.jurisdiction,
            cost_cents=1_000_000_00,
        )
        for number in range(count)
    ]
    opened = open_operations(kind=Kind.REHABILITATION, drafts=drafts, by=by, at=at)
    pks = [operation.pk for operation in opened]
    state = {"state": State.ON_AGENDA, "stage": Stage.COMMITTEE}
    Case.objects.filter(pk__in=pks).update(**state)
    operations = list(Operation.objects.filter(pk__in=pks).select_related("case"))
    for case_id, rows in parties_of(one.case for one in operations).items():
        operation = next(one for one in operations if one.pk == case_id)
        parties = {}
        for row in rows:
            parties[row.role] = (*parties.get(row.role, ()), row.unit)
        tasks = list(Task.objects.unfinished().filter(case=case_id))
        progress.realign(operation, tasks, parties, {}, at)
    return operations


def _fire(case, process, move, by, **inputs):
    at = timezone.now()
    return moves.make_move(
        case_id=case.pk,
        process=process,
        attempt=moves.Attempt(
            move=process.move(move),
            by=by,
            at=at,
            seen=case.version,
            key=uuid.uuid4(),
            inputs=inputs,
            confirmed_at=at,
        ),
    )


def _one_by_one(operations, chair):
    said = {"sitting_on": timezone.localdate(), "quorum": True}
    start = time.perf_counter()
    for one in operations:
        _fire(one.case, one.process, "endorse", chair, **said)
    return time.perf_counter() - start


def _together(body, operations, chair, secretary):
    """Hold a sitting on all of them, and measure its close alone."""
    at, today = timezone.now(), timezone.localdate()
    sitting = commands.plan_sitting(
        body_id=body.pk,
        held_on=today,
        place="",
        key=uuid.uuid4(),
        by=secretary,
        at=at,
    )
    # In time, for once: what is measured is the close.
    later = today + datetime.timedelta(days=1)
    Sitting.objects.filter(pk=sitting.pk).update(freeze_on=later, convene_by=later)
    commands.propose_agenda(
        asked=commands.Asked(sitting.pk, uuid.uuid4(), 1), by=secretary, at=at
    )
    for move in ("convene", "open"):
        _fire(Case.objects.get(pk=sitting.pk), PROCESS, move, secretary)
    Attendance.objects.filter(sitting=sitting).update(is_present=True)
    sitting.items.update(decision="endorse", seen=1, decided_by=chair, decided_at=at)
    assert sitting.items.count() == len(operations)
    start = time.perf_counter()
    _fire(Case.objects.get(pk=sitting.pk), PROCESS, "close", chair)
    taken = time.perf_counter() - start
    decided = Case.objects.filter(pk__in=[one.pk for one in operations])
    assert not decided.exclude(state=State.AWAITING_COPIL).exists()
    return taken
