"""Tell the world after the fact: rows written with the decision, delivered later.

A worker leases a message, performs the effect outside any transaction with a key
that makes a repetition recognisable, then marks it done. Redis only carries
wake-ups: it may lose them all.
"""

import datetime
import logging
import random
from collections.abc import Callable
from typing import Protocol

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from workflow import failures, statements
from workflow.models import Event, Message
from workflow.process import Move, Process
from workflow.waking import Bell

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 6
LEASE = datetime.timedelta(minutes=5)
MOVED, SIGNED, ESCALATED = "move", "signature", "escalation"
FIRST_DELAY = datetime.timedelta(seconds=30)


class Listener(Protocol):
    """What is called for an event, with the key of the effect and its moment."""

    __name__: str
    __module__: str

    def __call__(self, event: Event, *, key: str, at: datetime.datetime) -> None: ...


bell = Bell("outbox")
_listeners: dict[str, Listener] = {}
_subscriptions: dict[tuple[str, str, str], list[str]] = {}
_tells: dict[str, str] = {}


def listens_to(
    process: Process,
    *moves: Move,
    kinds: tuple[str, ...] = (MOVED,),
    tells: str = "",
) -> Callable[[Listener], Listener]:
    """
    Have a function called after each of these moves, or after every move.

    `kinds` are those of the events: a move that took effect, unless told that the
    listener also wants to know of single signatures; `tells` names whom it writes
    to, for those who are about to make the move.
    """

    def subscribe(listener: Listener) -> Listener:
        name = f"{listener.__module__}.{listener.__name__}"
        _listeners[name] = listener
        _tells[name] = tells
        for move in moves or process.moves:
            for kind in kinds:
                names = _subscriptions.setdefault((process.name, move.name, kind), [])
                if name not in names:
                    names.append(name)
        return listener

    return subscribe


def hears(process: Process, kind: str) -> Callable[[Listener], Listener]:
    """Have a function called after each event of a kind that no move makes."""

    def subscribe(listener: Listener) -> Listener:
        name = f"{listener.__module__}.{listener.__name__}"
        _listeners[name] = listener
        names = _subscriptions.setdefault((process.name, "", kind), [])
        if name not in names:
            names.append(name)
        return listener

    return subscribe


def subscriptions() -> list[tuple[str, str, str]]:
    """Return each procedure, move (if it is one) and listener brought together."""
    return sorted(
        {
            (process, move, listener)
            for (process, move, _), listeners in _subscriptions.items()
            for listener in listeners
        }
    )


def told(process: str, move: Move, kind: str) -> list[str]:
    """Name those who would be written to after a move, each once."""
    names = _subscriptions.get((process, move.name, kind), ())
    return list(dict.fromkeys(filter(None, (_tells.get(name) for name in names))))


def enqueue(process: str, *events: Event) -> bool:
    """
    Write one message for each listener of events, in the caller's transaction.

    Tell whether anybody listens.
    """
    return statements.write(
        Message(event=event, listener=name, key=f"{event.pk}.{name}", due_at=event.at)
        for event in events
        for name in _heard_by(process, event)
    )


def _heard_by(process: str, event: Event) -> list[str]:
    """Name the listeners to an event, for its move or for its kind alone."""
    return [
        name
        for move in dict.fromkeys((event.move, ""))
        for name in _subscriptions.get((process, move, event.kind), ())
    ]


def deliver(*, limit: int, at: datetime.datetime) -> int:
    """Deliver up to `limit` messages that are due, and return how many were tried."""
    for tried in range(limit):
        message = _lease(at)
        if message is None:
            return tried
        if message.attempts > MAX_ATTEMPTS:
            # A failure would have been counted: it ends those who attempt it.
            _mark(message, latest_error="Chaque essai a été interrompu.", parked_at=at)
        else:
            _perform(message)
    return limit


def _lease(at: datetime.datetime) -> Message | None:
    """Take one due message for the length of a lease, skipping those being taken."""
    with transaction.atomic():
        due = Message.objects.due(at)
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        message = due.first()
        if message is None:
            return None
        message.lease_until = timezone.now() + LEASE
        message.attempts += 1
        message.save(update_fields=["lease_until", "attempts"])
    return message


def _perform(message: Message) -> None:
    """Do the effect outside any transaction, and record how it went."""
    event = Event.objects.select_related("case", "actor", "unit", "text").get(
        pk=message.event_id
    )
    now = timezone.now()
    try:
        _listeners[message.listener](event, key=message.key, at=now)
    except Exception as error:
        logger.exception("outbox.failed", extra={"key": message.key})
        _postpone(message, error, timezone.now())
    else:
        _mark(message, latest_error="", done_at=timezone.now())


def _postpone(message: Message, error: Exception, now: datetime.datetime) -> None:
    """Try again later, or give up and leave an incident for an operator."""
    reason = failures.reason_of(error)
    if message.attempts >= MAX_ATTEMPTS:
        _mark(message, latest_error=reason, parked_at=now)
    else:
        delay = FIRST_DELAY * 2 ** (message.attempts - 1)
        due_at = now + delay * random.uniform(0.8, 1.2)  # noqa: S311
        _mark(message, latest_error=reason, due_at=due_at)


def _mark(message: Message, **outcome: str | datetime.datetime) -> None:
    """Record how an attempt ended, unless the lease was lost to another worker."""
    held = Message.objects.filter(pk=message.pk, lease_until=message.lease_until)
    if not held.update(lease_until=None, **outcome):
        logger.warning("outbox.lease_lost", extra={"key": message.key})


def message_id(key: str) -> str:
    """Return the Message-ID of an effect's e-mail: the same each time it is sent."""
    return f"<{key}@{settings.MAIL_DOMAIN}>"
