"""Tell people by e-mail what is asked of them, and what becomes of their operation."""

import datetime
import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.urls import reverse

from erbm import envelopes, words
from erbm.funding.models import Scheme
from erbm.operations.models import Operation
from flows import operation as common
from flows.rehabilitation import lifecycle as rehabilitation
from flows.roles import Role
from flows.subsidy import lifecycle as subsidy
from workflow import notices, outbox
from workflow.deadlines import LOCAL, Months
from workflow.ladders import Whom
from workflow.models import Event, Task, Unit
from workflow.models.notices import Topic
from workflow.process import Move
from workflow.trail import receipts

logger = logging.getLogger(__name__)

SILENCE = Months(2)
"""After which a request for money is rejected. (CRPA, art. L. 231-4, 3°.)"""

SILENCE_FNADT = Months(8)
"""The same for the FNADT. (Décret n° 2018-514, art. 7.)"""

LETTERS: Mapping[Move, str] = {
    rehabilitation.SUBMIT: "receipt",
    subsidy.SUBMIT: "receipt",
    common.ASK_FOR_DOCUMENTS: "documents",
    common.DECLINE: "rejection",
    common.ARBITRATE_AGAINST: "rejection",
    common.REJECT: "rejection",
    common.WITHDRAW: "withdrawal",
    common.CONFIRM_FUNDING: "funding",
    common.RECORD_LAPSE: "lapse",
    common.SUSPEND: "news",
    common.ABANDON: "news",
    common.REFUSE_ABANDONMENT: "news",
    rehabilitation.EXTEND: "news",
    subsidy.EXTEND: "news",
}
"""What the owner is written after a move, by the name of the template."""

REQUESTS = {"settlement": "settlement"}
"""What a unit is written when a step asks it something, if not the usual letter."""

# All that these ask is asked of the owner, in the letter itself.
_ASKED_BY_LETTER = {common.ASK_FOR_DOCUMENTS, common.CONFIRM_FUNDING}
# After these, what a pause held is asked again.
_END_OF_PAUSE = {common.SUPPLY_DOCUMENTS.name, common.RESUME.name}


def on_moves(
    wanted: Callable[[Move], bool], **kinds: Any
) -> Callable[[outbox.Listener], outbox.Listener]:
    """Subscribe to some moves of both procedures."""

    def subscribe(listener: outbox.Listener) -> outbox.Listener:
        for process in (rehabilitation.PROCESS, subsidy.PROCESS):
            outbox.listens_to(process, *filter(wanted, process.moves), **kinds)(
                listener
            )
        return listener

    return subscribe


@on_moves(
    lambda move: move not in _ASKED_BY_LETTER,
    kinds=(outbox.MOVED, outbox.SIGNED),
)
def ask_the_units(event: Event, *, key: str, at: datetime.datetime) -> None:
    """Tell each unit what an event asks of it and is still to be done."""
    operation = _operation(event)
    _send(
        _letter(
            REQUESTS.get(task.step, "asked"),
            # Whoever has just acted knows what comes next.
            to=[
                address
                for address in _willing(Topic.ASKED, task.unit, task.role, event, at)
                if event.actor is None or address != event.actor.email
            ],
            key=f"{key}.{task.pk}",
            context=_context(operation, event)
            | {
                "task": task,
                "due": words.day(task.due_at) if task.due_at else "",
            },
        )
        for task in asked_by(event)
    )


@on_moves(lambda move: move in LETTERS, tells="le porteur de l’opération")
def tell_the_owner(event: Event, *, key: str, at: datetime.datetime) -> None:
    """Tell the owner that its request is received, or what was decided of it."""
    operation = _operation(event)
    name = LETTERS[operation.process.move(event.move)]
    _send(
        [
            _letter(
                name,
                to=_addresses(operation.owner, Role.OWNER, event, at),
                key=key,
                context=_context(operation, event)
                | (
                    _PARTICULARS[name](operation, event) if name in _PARTICULARS else {}
                ),
            )
        ]
    )


def tell_of_a_rung(event: Event, *, key: str, at: datetime.datetime) -> None:
    """Remind who is asked, or tell those whom the ladder names that she is late."""
    facts = _facts(event)
    task = Task.objects.select_related("unit", "owner").get(pk=facts["task_id"])
    due_at = datetime.datetime.fromisoformat(facts["due_at"])
    operation = _operation(event)
    _send(
        _letter(
            "rung",
            to=to,
            key=f"{key}.{number}",
            context={
                "reference": operation.case.reference,
                "operation": operation,
                "link": _link(operation),
                "task": task,
                "due": words.day(due_at),
                "delay": words.delay(due_at, at.astimezone(LOCAL).date()),
                "is_reminder": facts["tells"] == Whom.ASKED.name,
                "why": why,
            },
        )
        for number, (to, why) in enumerate(_told_by(event, facts["tells"], task, at))
        # Answered since the rung rang, it is of no use any more.
        if task.finished is None
    )


for _process in (rehabilitation.PROCESS, subsidy.PROCESS):
    outbox.hears(_process, outbox.ESCALATED)(tell_of_a_rung)


def _told_by(
    event: Event, tells: str, task: Task, at: datetime.datetime
) -> Iterator[tuple[list[str], str]]:
    """Find whom a rung tells, with the reason why it is them."""
    if tells == Whom.ASKED.name and task.owner is not None:
        owner = notices.wanting_at_once([task.owner], Topic.DUE)
        yield [one.email for one in owner], "vous avez pris cette tâche en charge"
    elif tells == Whom.ASKED.name:
        to = _willing(Topic.DUE, task.unit, task.role, event, at)
        yield to, f"cette tâche est demandée à votre unité ({task.unit})"
    elif tells == Whom.HEAD.name:
        yield _heads(task.unit, at), f"vous êtes responsable de l’unité {task.unit}"
    else:
        role = Role(tells).label
        parties = event.case.parties.filter(role=tells).select_related("unit")
        for party in parties.order_by("pk"):
            to = _willing(Topic.DUE, party.unit, tells, event, at)
            yield to, f"ce retard est signalé à : {role} ({party.unit})"


def _heads(unit: Unit, at: datetime.datetime) -> list[str]:
    """Return the addresses of those who head a unit, or else its mailbox."""
    heads = [one.user for one in notices.heads(unit, at)]
    if not heads:
        return [unit.email] * bool(unit.email)
    willing = notices.wanting_at_once(heads, Topic.DUE)
    return sorted({person.email for person in willing})


def asked_by(event: Event) -> Iterator[Task]:
    """Find the open tasks that an event asked, or asked again after a pause."""
    tasks = Task.objects.open().filter(case=event.case_id).select_related("unit")
    if event.move not in _END_OF_PAUSE:
        tasks = tasks.filter(created=event.at)
    yield from tasks.order_by("pk")


def _operation(event: Event) -> Operation:
    return Operation.objects.with_facts().get(pk=event.case_id)


def _addresses(unit: Unit, role: str, event: Event, at: datetime.datetime) -> list[str]:
    """
    Return the unit's mailbox, or else those of its people in that role.

    Whoever stands in for one of them is written to as well.
    """
    if unit.email:
        return [unit.email] if unit.is_active else []
    people = notices.holders(unit, role, event.case, at)
    return sorted({one.user.email for one in people})


def _willing(
    topic: Topic, unit: Unit, role: str, event: Event, at: datetime.datetime
) -> list[str]:
    """Return the unit's mailbox, and those of its people who wish it at once."""
    people = [one.user for one in notices.holders(unit, role, event.case, at)]
    mailbox = {unit.email} if unit.email and unit.is_active else set()
    willing = notices.wanting_at_once(people, topic, unit)
    return sorted(mailbox | {person.email for person in willing})


# What is written


def _letter(
    name: str, *, to: list[str], key: str, context: Mapping[str, Any]
) -> EmailMessage:
    """Write a letter, whose template begins with the line of its subject."""
    text = render_to_string(f"operations/mail/{name}.txt", dict(context))
    subject, _, body = text.strip().partition("\n")
    return EmailMessage(
        subject=re.sub(r"[\r\n]+", " ", subject),
        body=re.sub(r"\n{3,}", "\n\n", body.strip()) + "\n",
        to=to,
        headers=envelopes.headers(key),
    )


def _send(letters: Iterable[EmailMessage]) -> None:
    addressed = []
    for letter in letters:
        if letter.to:
            addressed.append(letter)
        else:
            logger.warning(
                "notifications.nobody", extra={"id": letter.extra_headers["Message-ID"]}
            )
    if addressed:
        get_connection().send_messages(addressed)


def _context(operation: Operation, event: Event) -> dict[str, Any]:
    return {
        "operation": operation,
        "reference": operation.case.reference,
        "move": operation.process.move(event.move),
        "event": event,
        "on": words.day(event.at),
        "reason": _texts(event).get("reason", ""),
        "state": operation.process.state_label(_facts(event)["to"]),
        "deadline": words.day(operation.deadline_on) if operation.deadline_on else "",
        "link": _link(operation),
        "receipt": receipts.of_event(event),
        "receipt_link": receipt_link(event),
    }


def receipt_link(event: Event) -> str:
    """Return where the receipt of an event is shown, and one day its seal."""
    address = reverse("receipt", args=[event.case.reference, event.seq])
    return f"{settings.BASE_URL}{address}"


def _link(operation: Operation) -> str:
    return str(settings.BASE_URL) + reverse("operations:detail", args=[operation.pk])


def _receipt(operation: Operation, event: Event) -> dict[str, Any]:
    """Return what an acknowledgement must say. (CRPA, art. R. 112-5.)"""
    assert operation.received_on is not None
    parties = operation.case.parties.filter(role=Role.LEAD_SERVICE)
    services = [
        (party.unit.name, _reached_at(party.unit, event))
        for party in parties.select_related("unit__organisation")
    ]
    fnadt = operation.lines.filter(scheme=Scheme.FNADT).exists()
    return {
        "received": words.day(operation.received_on),
        "services": services,
        "silence": words.day(SILENCE.after(operation.received_on)),
        "silence_fnadt": words.day(SILENCE_FNADT.after(operation.received_on))
        if fnadt
        else "",
    }


def _reached_at(unit: Unit, event: Event) -> list[str]:
    """Return how the service is reached: post, telephone, e-mail, as far as known."""
    body = getattr(unit, "organisation", None)
    known = [body.postal_address, body.telephone] if body else []
    return [
        *filter(None, known),
        *_addresses(unit, Role.LEAD_SERVICE, event, event.at),
    ]


def _documents(operation: Operation, event: Event) -> dict[str, Any]:
    answer_by = datetime.date.fromisoformat(_facts(event)["inputs"]["answer_by"])
    wanted = _texts(event).get("input.documents", "").splitlines()
    return {
        "answer_by": words.day(answer_by),
        "wanted": [line.strip() for line in wanted if line.strip()],
    }


def _lapse(operation: Operation, event: Event) -> dict[str, Any]:
    heard_on = datetime.date.fromisoformat(_facts(event)["inputs"]["heard_on"])
    return {"heard": words.day(heard_on)}


_PARTICULARS: Mapping[str, Callable[[Operation, Event], dict[str, Any]]] = {
    "receipt": _receipt,
    "documents": _documents,
    "lapse": _lapse,
}


def _facts(event: Event) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads(event.body)["facts"]
    return facts


def _texts(event: Event) -> dict[str, str]:
    """Return the free texts of an event; none once they are erased."""
    kept = getattr(event, "text", None)
    texts: dict[str, str] = json.loads(kept.text) if kept and kept.text else {}
    return texts
