"""Tell people in the application what concerns them, and by e-mail if they wish."""

import datetime
import json
from collections.abc import Iterator
from typing import Any

from erbm import words
from erbm.operations.notifications import LETTERS, asked_by
from flows.rehabilitation.lifecycle import PROCESS as REHABILITATION
from flows.roles import Role
from flows.subsidy.lifecycle import PROCESS as SUBSIDY
from workflow import notices, outbox
from workflow.cases import process_of
from workflow.ladders import Whom
from workflow.models import Event, Task
from workflow.models.notices import Topic
from workflow.notices import Addressee, Fact


def tell_in_the_application(event: Event, *, key: str, at: datetime.datetime) -> None:
    """Tell each person what an event asks of her, or changes for her."""
    told: set[int] = set()
    for fact, addressees in _facts(event, at):
        # What is asked of somebody says already what happened.
        fresh = [one for one in addressees if one.user.pk not in told]
        notices.write(fact, fresh, at)
        told.update(one.user.pk for one in fresh)


for _process in (REHABILITATION, SUBSIDY):
    outbox.listens_to(_process, *_process.moves, kinds=(outbox.MOVED, outbox.SIGNED))(
        tell_in_the_application
    )
    outbox.hears(_process, outbox.ESCALATED)(tell_in_the_application)


def _facts(
    event: Event, at: datetime.datetime
) -> Iterator[tuple[Fact, list[Addressee]]]:
    if event.kind == outbox.ESCALATED:
        yield from _rung(event, at)
        return
    yield from _asked(event, at)
    if event.kind == outbox.MOVED:
        yield from _decided(event, at)


def _asked(
    event: Event, at: datetime.datetime
) -> Iterator[tuple[Fact, list[Addressee]]]:
    for task in asked_by(event):
        due = f", avant le {words.day(task.due_at)}" if task.due_at else ""
        fact = _fact(event, Topic.ASKED, f"{task.label}{due}", task)
        yield fact, list(notices.asked(task, event.case, at))


def _decided(
    event: Event, at: datetime.datetime
) -> Iterator[tuple[Fact, list[Addressee]]]:
    """Tell the owner what becomes of its operation, then who leads it or follows it."""
    process, body = process_of(event.case), json.loads(event.body)["facts"]
    move = process.move(event.move)
    text = f"{move.label}{words.FIXED}: {process.state_label(body['to']).lower()}"
    if move in LETTERS:
        owners = list(notices.parties(event.case, Role.OWNER, at))
        yield _fact(event, Topic.OUTCOME, text), owners
    concerned: list[Addressee] = []
    if body.get("from") != body["to"]:
        concerned += notices.parties(event.case, Role.LEAD_SERVICE, at)
    concerned += notices.followers(event.case, at)
    yield _fact(event, Topic.DECISION, text), concerned


def _rung(
    event: Event, at: datetime.datetime
) -> Iterator[tuple[Fact, list[Addressee]]]:
    facts = json.loads(event.body)["facts"]
    task = Task.objects.select_related("unit", "owner").get(pk=facts["task_id"])
    if task.finished is not None:
        return
    day = words.day(datetime.datetime.fromisoformat(facts["due_at"]))
    text = f"{task.label}, à {task.unit.short_name}{words.FIXED}: échéance du {day}"
    addressees = _told_by(event, facts["tells"], task, at)
    yield _fact(event, Topic.DUE, text, task), list(addressees)


def _told_by(
    event: Event, tells: str, task: Task, at: datetime.datetime
) -> Iterator[Addressee]:
    if tells == Whom.ASKED.name:
        return notices.asked(task, event.case, at)
    if tells == Whom.HEAD.name:
        return notices.heads(task.unit, at)
    return notices.parties(event.case, tells, at)


def _fact(event: Event, topic: Topic, text: str, task: Any = None) -> Fact:
    key = f"{event.pk}.{task.pk}" if task else str(event.pk)
    return Fact(event.case, topic, text, key, event, task)
