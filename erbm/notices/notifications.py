"""Tell people in the application what concerns them, and by e-mail if they wish."""

import datetime
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from erbm import envelopes, words
from erbm.cases import rooms
from erbm.operations.notifications import LETTERS, asked_by, receipt_link
from flows.roles import Role
from workflow import notices, outbox
from workflow.cases import process_of
from workflow.deadlines import LOCAL
from workflow.ladders import Whom
from workflow.models import (
    Case,
    Delegation,
    Event,
    Membership,
    Notice,
    Task,
    Unit,
)
from workflow.models.notices import Pace, Reason, Topic
from workflow.notices import Addressee, Fact
from workflow.trail import receipts
from workflow.trail.receipts import Receipt

Told = Iterator[tuple[Fact, list[Addressee]]]

OPENED = "opening"
# Of operations, what is asked, what is late and the owner's fate have letters of their
# own; mentions have everywhere.
MAILED_HERE = {Topic.DECISION, Topic.PREPARATION}
MAILED_ELSE = {*MAILED_HERE, Topic.ASKED, Topic.DUE}


def tell_in_the_application(event: Event, *, key: str, at: datetime.datetime) -> None:
    """Tell each person what an event asks of her, or changes for her."""
    told: set[int] = set()
    letters = rooms.room_of(event.case.process).has_letters
    mailed = MAILED_HERE if letters else MAILED_ELSE
    for fact, addressees in _facts(event, at):
        # What is asked of somebody says already what happened.
        fresh = [one for one in addressees if one.user.pk not in told]
        notices.write(fact, fresh, at)
        told.update(one.user.pk for one in fresh)
        if fact.topic in mailed:
            _mail_at_once(fact, fresh, at)


for _process in rooms.processes():
    outbox.listens_to(_process, *_process.moves, kinds=(outbox.MOVED, outbox.SIGNED))(
        tell_in_the_application
    )


def _facts(event: Event, at: datetime.datetime) -> Told:
    if event.kind in KINDS:
        yield from KINDS[event.kind](event, at)
        return
    yield from _asked(event, at)
    if event.kind == outbox.MOVED:
        yield from _decided(event, at)


def _asked(event: Event, at: datetime.datetime) -> Told:
    for task in asked_by(event):
        due = f", avant le {words.day(task.due_at)}" if task.due_at else ""
        fact = _fact(event, Topic.ASKED, f"{task.label}{due}", task)
        yield fact, list(notices.asked(task, event.case, at))


def _decided(event: Event, at: datetime.datetime) -> Told:
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


def _rung(event: Event, at: datetime.datetime) -> Told:
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


def _entrusted(event: Event, at: datetime.datetime) -> Told:
    """Tell whoever is to prepare an answer, or each of a unit."""
    asked = _delegation(event)
    text = f"{asked.task.label}{words.FIXED}: réponse à préparer pour {asked.by}"
    people = [asked.to_user] if asked.to_user else _of_unit(asked.to_unit, at)
    addressees = [
        Addressee(user, Reason.ENTRUSTED, unit=asked.to_unit)
        for user in people
        if user.is_active
    ]
    yield _fact(event, Topic.PREPARATION, text, asked.task), addressees


def _handed_back(event: Event, at: datetime.datetime) -> Told:
    """Tell who had asked that the answer be prepared."""
    asked = _delegation(event)
    text = f"{asked.task.label}{words.FIXED}: réponse préparée par {event.actor}"
    requested = [Addressee(asked.by, Reason.REQUESTED)] if asked.by.is_active else []
    yield _fact(event, Topic.PREPARATION, text, asked.task), requested


def _delegation(event: Event) -> Delegation:
    facts = json.loads(event.body)["facts"]
    found = Delegation.objects.select_related("task", "by", "to_user", "to_unit")
    return found.get(pk=facts["delegation"])


def _of_unit(unit: Unit | None, at: datetime.datetime) -> list[Any]:
    on = at.astimezone(LOCAL).date()
    held = Membership.objects.current(on).filter(unit=unit).select_related("user")
    return list({one.user_id: one.user for one in held}.values())


KINDS: Mapping[str, Callable[[Event, datetime.datetime], Told]] = {
    outbox.ESCALATED: _rung,
    "delegation": _entrusted,
    "return": _handed_back,
}
for _process in rooms.processes():
    for _kind in KINDS:
        outbox.hears(_process, _kind)(tell_in_the_application)
    if not rooms.room_of(_process.name).has_letters:
        outbox.hears(_process, OPENED)(tell_in_the_application)


def _fact(event: Event, topic: Topic, text: str, task: Any = None) -> Fact:
    key = f"{event.pk}.{task.pk}" if task else str(event.pk)
    return Fact(event.case, topic, text, key, event, task)


# By e-mail


def _mail_at_once(
    fact: Fact, addressees: Iterable[Addressee], at: datetime.datetime
) -> None:
    """Write to those who wish it at once, and were not written to yet."""
    people = [one.user for one in addressees]
    unsent = Notice.objects.filter(
        user__in=people, key=fact.key, pace=Pace.AT_ONCE, mailed_at=None
    )
    related = ("user", "case", "unit", "principal", "event__case")
    rows = unsent.select_related(*related)
    for notice in rows.order_by("pk"):
        context = {
            "notice": notice,
            "case": notice.case,
            "link": _link(notice.case),
            "why": notices.why(notice),
            "receipt": receipts.given_for(notice.event) if notice.event else None,
            "receipt_link": receipt_link(notice.event) if notice.event else "",
        }
        key, thread = f"notice.{notice.pk}", f"case.{notice.case_id}"
        _send("notice", notice.user, key, context, thread=thread)
        Notice.objects.filter(pk=notice.pk).update(mailed_at=at)


def send_digest(user: Any, told: Sequence[Notice], key: str) -> None:
    """Write to a person all that she is told, case by case, in one letter."""
    by_case: dict[int, list[tuple[Notice, str, Receipt | None]]] = {}
    for notice in told:
        receipt = receipts.given_for(notice.event) if notice.event else None
        said = (notice, notices.why(notice), receipt)
        by_case.setdefault(notice.case_id, []).append(said)
    cases = [(one[0][0].case, _link(one[0][0].case), one) for one in by_case.values()]
    day = datetime.date.fromisoformat(key.rpartition(".")[2])
    context = {"cases": cases, "count": len(told), "on": words.day(day)}
    _send("digest", user, key, context)


def _send(
    name: str, user: Any, key: str, context: Mapping[str, Any], *, thread: str = ""
) -> None:
    """Send a letter, whose template begins with the line of its subject."""
    said = {**context, "choices": envelopes.preferences()}
    text = render_to_string(f"notices/mail/{name}.txt", said)
    subject, _, body = text.strip().partition("\n")
    EmailMessage(
        subject=subject,
        body=body.strip() + "\n",
        to=[user.email],
        headers=envelopes.headers(key, thread=thread),
    ).send()


def _link(case: Case) -> str:
    return str(settings.BASE_URL) + rooms.address_of(case.process, case.pk)
