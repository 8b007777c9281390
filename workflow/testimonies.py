"""Tell witnesses, once a day each, what was sealed: by e-mail, syslog, timestamp."""

import datetime
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from logging.handlers import SYSLOG_TCP_PORT, SYSLOG_UDP_PORT, SysLogHandler
from pathlib import Path
from socket import SOCK_DGRAM, SOCK_STREAM
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string

from workflow import outbox
from workflow.deadlines import local_day, start_of
from workflow.models import Checkpoint, Testimony, Timestamp, Witness
from workflow.trail import timestamps

logger = logging.getLogger(__name__)

LEASE = datetime.timedelta(minutes=5)
RETRY = datetime.timedelta(minutes=10)
LATE = datetime.timedelta(hours=1)
"""How long after the first seal of a day its witnesses are missed."""

FOLDER, FOLDER_LABEL = "folder", "dossier de témoins"

Give = Callable[[Checkpoint, datetime.date], None]


def configured() -> list[Witness]:
    """Return the witnesses that the settings name."""
    named = {
        Witness.EMAIL: settings.WITNESS_EMAILS,
        Witness.SYSLOG: settings.WITNESS_SYSLOG,
        Witness.TIMESTAMP: settings.TIMESTAMP_URL,
    }
    return [witness for witness, value in named.items() if value]


def first_of(day: datetime.date) -> Checkpoint | None:
    """Return the first checkpoint of a day, which is what witnesses are told."""
    sealed = Checkpoint.objects.filter(at__gte=start_of(day)).order_by("size")
    first = sealed.first()
    return first if first is not None and local_day(first.at) == day else None


def give_due(*, at: datetime.datetime) -> int:
    """
    Tell each witness of the day what it was not told yet; return how many were.

    One that fails keeps nobody waiting, and is asked again after a while.
    """
    day = local_day(at)
    waiting = set(configured()) - _served(day)
    checkpoint = first_of(day) if waiting else None
    if checkpoint is None:
        return 0
    return sum(_told(one, day, checkpoint, at) for one in sorted(waiting))


@dataclass(frozen=True, slots=True)
class Missed:
    """A witness that was not told of the day, and why if one knows."""

    witness: str
    why: str

    @property
    def label(self) -> str:
        """What it is called."""
        return FOLDER_LABEL if self.witness == FOLDER else Witness(self.witness).label


def missed(at: datetime.datetime) -> list[Missed]:
    """Return the witnesses that ought to have been told of the day, and were not."""
    day, named = local_day(at), set(configured())
    checkpoint = first_of(day) if named or settings.WITNESS_DIR else None
    if checkpoint is None or at - checkpoint.at < LATE:
        return []
    missing = sorted(named - _served(day))
    rows = Testimony.objects.filter(day=day, witness__in=missing)
    why = dict(rows.values_list("witness", "fault"))
    found = [Missed(one.value, why.get(one.value, "")) for one in missing]
    if settings.WITNESS_DIR and not _folder_has(day):
        found.append(Missed(FOLDER, ""))
    return found


def fault(at: datetime.datetime) -> str:
    """
    Name the witnesses that were not told of the day: nothing if all were.

    Not why: those who watch are anybody, and errors name mailboxes and machines.
    """
    return ", ".join(f"{one.witness} not told" for one in missed(at))


def _folder_has(day: datetime.date) -> bool:
    return (Path(settings.WITNESS_DIR) / f"{day}.note").is_file()


def _served(day: datetime.date) -> set[Witness]:
    given = Testimony.objects.filter(day=day, given_at__isnull=False)
    return {Witness(one) for one in given.values_list("witness", flat=True)}


def _told(
    witness: Witness, day: datetime.date, checkpoint: Checkpoint, at: datetime.datetime
) -> bool:
    row = _taken(witness, day, checkpoint, at)
    if row is None:
        return False
    taken = Testimony.objects.filter(pk=row.pk)
    try:
        _GIVE[witness](row.checkpoint, day)
    except Exception as error:
        logger.exception("testimonies.failed", extra={"witness": witness.value})
        why = f"{type(error).__name__}: {error}"[:300]
        taken.update(fault=why, lease_until=at + RETRY)
        return False
    taken.update(given_at=at, lease_until=None, fault="")
    return True


def _taken(
    witness: Witness, day: datetime.date, checkpoint: Checkpoint, at: datetime.datetime
) -> Testimony | None:
    """Take the testimony of a day for the length of a lease, if nobody holds it."""
    row = Testimony(day=day, witness=witness, checkpoint=checkpoint)
    Testimony.objects.bulk_create([row], ignore_conflicts=True)
    free = Testimony.objects.filter(
        Q(lease_until=None) | Q(lease_until__lte=at),
        day=day,
        witness=witness,
        given_at=None,
    )
    if not free.update(lease_until=at + LEASE):
        return None
    rows = Testimony.objects.select_related("checkpoint")
    return rows.get(day=day, witness=witness)


# How each of them is told


def _by_email(checkpoint: Checkpoint, day: datetime.date) -> None:
    context = {"checkpoint": checkpoint, "day": day, "origin": settings.TRAIL_ORIGIN}
    text = render_to_string("workflow/mail/checkpoint.txt", context)
    subject, _, body = text.strip().partition("\n")
    headers = {
        # The same if it leaves twice: a mailbox shows it once.
        "Message-ID": outbox.message_id(f"checkpoint.{day}"),
        "Auto-Submitted": "auto-generated",
    }
    letter = EmailMessage(
        subject, f"{body.strip()}\n", to=settings.WITNESS_EMAILS, headers=headers
    )
    letter.attach(f"{day}.note", checkpoint.note, "text/plain")
    letter.send()


class _Loud(SysLogHandler):
    """A handler that lets its failures be known."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        raise  # logging calls this while it handles the exception


def _by_syslog(checkpoint: Checkpoint, day: datetime.date) -> None:
    handler = _Loud(**_syslog(), facility=SysLogHandler.LOG_AUTHPRIV)
    note = checkpoint.note.rstrip("\n").replace("\n", " | ")
    said = f"checkpoint {day} {note}"
    record = logging.LogRecord(__name__, logging.INFO, "", 0, said, None, None)
    try:
        handler.ident = "trail: "
        handler.emit(record)
    finally:
        handler.close()


def _syslog() -> dict[str, Any]:
    """
    Read where it is: a socket of this machine, or udp://host:port, or tcp://….

    :raises ImproperlyConfigured: if it is none of them
    """
    place = str(settings.WITNESS_SYSLOG)
    if place.startswith("/"):
        return {"address": place}
    parts = urlsplit(place)
    kinds = {
        "udp": (SOCK_DGRAM, SYSLOG_UDP_PORT),
        "tcp": (SOCK_STREAM, SYSLOG_TCP_PORT),
    }
    if parts.scheme not in kinds or not parts.hostname:
        raise ImproperlyConfigured("WITNESS_SYSLOG : /dev/log, udp://… ou tcp://…")
    kind, port = kinds[parts.scheme]
    return {"address": (parts.hostname, parts.port or port), "socktype": kind}


def _by_timestamp(checkpoint: Checkpoint, day: datetime.date) -> None:
    if not Timestamp.objects.filter(checkpoint=checkpoint).exists():
        timestamps.ask(checkpoint).save(force_insert=True)


_GIVE: Mapping[Witness, Give] = {
    Witness.EMAIL: _by_email,
    Witness.SYSLOG: _by_syslog,
    Witness.TIMESTAMP: _by_timestamp,
}
