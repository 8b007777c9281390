"""Convene the members of a body by e-mail, and tell them what becomes of a sitting."""

import datetime
import json
import logging
import re
from collections.abc import Iterable, Mapping
from email.mime.text import MIMEText

from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string

from erbm import envelopes, words
from erbm.committees import calendars
from erbm.committees.models import Sitting
from flows.sitting import lifecycle
from workflow import notices, outbox
from workflow.models import Event, Unit
from workflow.process import Move

logger = logging.getLogger(__name__)

LETTERS: Mapping[str, tuple[str, str]] = {
    lifecycle.CONVENE.name: ("invitation", "REQUEST"),
    lifecycle.POSTPONE.name: ("postponed", "CANCEL"),
    lifecycle.CANCEL.name: ("postponed", "CANCEL"),
    lifecycle.PUBLISH.name: ("minutes", ""),
    lifecycle.ERRATUM.name: ("minutes", ""),
}
"""What the members are written after a move, and what it does to their calendars."""

MOVES: tuple[Move, ...] = tuple(
    move for move in lifecycle.PROCESS.moves if move.name in LETTERS
)


@outbox.listens_to(lifecycle.PROCESS, *MOVES, tells="les membres de l’instance")
def tell_the_members(event: Event, *, key: str, at: datetime.datetime) -> None:
    """Write to each unit that has a seat, once."""
    sitting = Sitting.objects.with_facts().get(pk=event.case_id)
    name, method = LETTERS[event.move]
    if method == "CANCEL" and not sitting.attendances.exists():
        return  # nobody had been convened
    _send(
        _letter(sitting, event, name, method, to, f"{key}.{unit.pk}", at)
        for unit, to in _members(sitting, at)
    )


def _members(
    sitting: Sitting, at: datetime.datetime
) -> Iterable[tuple[Unit, list[str]]]:
    """Find the units that were convened, each with the addresses to write to."""
    addresses: dict[Unit, set[str]] = {}
    for row in sitting.sheet():
        known = addresses.setdefault(row.unit, set())
        known |= _addresses(row.unit, row.role, sitting, at)
    return [(unit, sorted(found)) for unit, found in addresses.items()]


def _addresses(
    unit: Unit, role: str, sitting: Sitting, at: datetime.datetime
) -> set[str]:
    """Return the mailbox of a unit, or those of who holds its seat, or of its head."""
    if unit.email:
        return {unit.email} if unit.is_active else set()
    people = list(notices.holders(unit, role, sitting.case, at))
    return {one.user.email for one in people or notices.heads(unit, at)}


def _letter(
    sitting: Sitting,
    event: Event,
    name: str,
    method: str,
    to: list[str],
    key: str,
    at: datetime.datetime,
) -> EmailMessage:
    """Write a letter, whose template begins with the line of its subject."""
    context = {
        "sitting": sitting,
        "day": words.day(sitting.held_on),
        "hour": f"{sitting.starts_at:%H h %M}",
        "items": sitting.agenda(),
        "link": calendars.address_of(sitting),
        "texts": _texts(event),
        "is_cancelled": event.move == lifecycle.CANCEL.name,
        "is_erratum": event.move == lifecycle.ERRATUM.name,
        "preferences": envelopes.preferences(),
    }
    text = render_to_string(f"committees/mail/{name}.txt", context)
    subject, _, body = text.strip().partition("\n")
    letter = EmailMessage(
        subject=re.sub(r"[\r\n]+", " ", subject),
        body=re.sub(r"\n{3,}", "\n\n", body.strip()) + "\n",
        to=to,
        headers=envelopes.headers(key),
    )
    if method:
        letter.attach(_attached(sitting, to, method, at))
    return letter


def _attached(
    sitting: Sitting, to: list[str], method: str, at: datetime.datetime
) -> MIMEText:
    content = calendars.invitation(sitting, to, method, at).decode()
    part = MIMEText(content, "calendar", "utf-8")
    part.set_param("method", method)
    part.add_header("Content-Disposition", "attachment", filename="seance.ics")
    return part


def _texts(event: Event) -> dict[str, str]:
    """Return the free texts of an event; none once they are erased."""
    kept = getattr(event, "text", None)
    texts: dict[str, str] = json.loads(kept.text) if kept and kept.text else {}
    return {name.removeprefix("input."): text for name, text in texts.items()}


def _send(letters: Iterable[EmailMessage]) -> None:
    addressed = []
    for letter in letters:
        if letter.to:
            addressed.append(letter)
        else:
            logger.warning(
                "committees.nobody", extra={"id": letter.extra_headers["Message-ID"]}
            )
    if addressed:
        get_connection().send_messages(addressed)
