"""Seal what was committed, events and entries, in the log, and sign what it is then."""

import datetime
import hashlib
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.models import Min

from workflow.models import (
    Checkpoint,
    EntryKind,
    Leaf,
    SealingKey,
    Unsealed,
    UnsealedEntry,
)
from workflow.trail import canonical, notes, register
from workflow.trail.merkle import Frontier
from workflow.trail.notes import Signer, Verifier

KEY_DOMAIN = b"workflow/key/1\n"
LATE = datetime.timedelta(minutes=15)
"""How long an event or an entry may wait for the checkpoint that seals it."""

_LOCK = 0x6A6F75726E616C  # of the sealers, among the advisory locks


class SealRefused(Exception):
    """The log is not what its latest checkpoint says, or the key is not its own."""


def signer() -> Signer:
    """
    Return the key of this process, which only the sealer has.

    :raises ImproperlyConfigured: if this process was not given it
    """
    if not settings.SEALING_KEY_FILE:
        raise ImproperlyConfigured("SEALING_KEY_FILE : seul le scelleur l’a.")
    pem = Path(settings.SEALING_KEY_FILE).read_bytes()
    return Signer.of_pem(settings.TRAIL_ORIGIN, pem)


def declared(body: str) -> bytes:
    """Return the hash under which the declaration of a key enters the log."""
    return hashlib.sha256(KEY_DOMAIN + body.encode()).digest()


def seal(
    *, by: Signer, at: datetime.datetime, limit: int = 20_000
) -> Checkpoint | None:
    """
    Seal what waits, and return the checkpoint; none if nothing waited.

    `limit`: how many events, and how many entries of the register, at the most.

    :raises SealRefused: if the log is not in order, or if the key is not declared
    """
    with transaction.atomic():
        if not _alone():
            return None
        latest, frontier = _resumed()
        keys = _trusted(by, at)
        leaves = [Leaf(key=key, hash=key.hash) for key in keys]
        leaves += [*_of_events(limit), *_of_entries(limit)]
        if not leaves:
            return None
        return _signed(frontier, leaves, [by], max(at, latest or at))


def _of_events(limit: int) -> list[Leaf]:
    """Take events out of those that wait, and return their leaves."""
    # What has a leaf already cannot wait: the verification names such rows.
    waiting = Unsealed.objects.filter(event__leaf=None).order_by("event_id")[:limit]
    found = list(waiting.values_list("event_id", "event__hash"))
    Unsealed.objects.filter(event__in=[event for event, _ in found]).delete()
    return [Leaf(event_id=event, hash=hashed) for event, hashed in found]


def _of_entries(limit: int) -> list[Leaf]:
    """Take entries of the register out of those that wait, and return their leaves."""
    waiting = UnsealedEntry.objects.filter(entry__leaf=None)
    waiting = waiting.order_by("entry_id")[:limit]
    found = list(waiting.values_list("entry_id", "entry__hash"))
    UnsealedEntry.objects.filter(entry__in=[entry for entry, _ in found]).delete()
    return [Leaf(entry_id=entry, hash=hashed) for entry, hashed in found]


def rotate(
    *,
    by: Signer,
    to: Signer,
    at: datetime.datetime,
    texts: Mapping[str, str] | None = None,
) -> Checkpoint:
    """
    Have another key sign from now on; the present one vouches for it in the log.

    `texts`: what the register says apart of whoever does it.

    :raises SealRefused: if the present key is not the one of the log
    """
    with transaction.atomic():
        if not _alone():
            raise SealRefused("Un autre scelleur est à l’œuvre.")
        latest, frontier = _resumed()
        if _trusted(by, at):
            raise SealRefused("La clé quittée n’a encore rien scellé.")
        key = _declare(to.verifier, str(by.verifier), at)
        leaves = [Leaf(key=key, hash=key.hash)]
        facts = {"previous": str(by.verifier), "key": key.verifier}
        register.enter(EntryKind.KEY_ROTATED, by=None, at=at, facts=facts, texts=texts)
        return _signed(frontier, leaves, [by, to], max(at, latest or at))


def fault(at: datetime.datetime) -> str:
    """Say whether the sealer is late, for those who watch: nothing if it is not."""
    # After a lull the latest checkpoint is old, and nobody is late for it.
    events = Unsealed.objects.filter(event__leaf=None).aggregate(at=Min("event__at"))
    entries = UnsealedEntry.objects.filter(entry__leaf=None)
    oldest = [events["at"], entries.aggregate(at=Min("entry__at"))["at"]]
    waiting = [moment for moment in oldest if moment is not None]
    if not waiting:
        return ""
    if not Checkpoint.objects.exists():
        return "never sealed"
    late = at - min(waiting)
    return f"oldest unsealed {late} ago" if late > LATE else ""


def _alone() -> bool:
    """Let one sealer at a time go on, until it commits."""
    if connection.vendor != "postgresql":
        return True  # SQLite has one writer
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        [is_alone] = cursor.fetchone()
    return bool(is_alone)


def _resumed() -> tuple[datetime.datetime | None, Frontier]:
    """
    Take the tree up where the latest checkpoint left it.

    :raises SealRefused: if the checkpoint contradicts itself or the leaves
    """
    latest = Checkpoint.objects.order_by("-size").first()
    if latest is None:
        return None, Frontier()
    peaks = bytes(latest.peaks)
    frontier = Frontier(
        latest.size, [peaks[cut : cut + 32] for cut in range(0, len(peaks), 32)]
    )
    _, size, root = notes.Note.of(latest.note).checkpoint
    last = Leaf.objects.order_by("-index").values_list("index", flat=True).first()
    if (size, root) != (latest.size, frontier.root) or last != latest.size - 1:
        raise SealRefused(f"Le point de contrôle {latest.size} est démenti.")
    return latest.at, frontier


def _trusted(by: Signer, at: datetime.datetime) -> list[SealingKey]:
    """
    Return the key to declare: that of the first sealer, once.

    :raises SealRefused: if the log is signed by another key
    """
    current = SealingKey.objects.order_by("-pk").first()
    if current is None:
        return [_declare(by.verifier, None, at)]
    if current.verifier != str(by.verifier):
        raise SealRefused("Le journal est scellé par une autre clé.")
    return []


def _declare(
    verifier: Verifier, previous: str | None, at: datetime.datetime
) -> SealingKey:
    body = canonical.text_of(
        {"v": 1, "key": str(verifier), "previous": previous, "at": at}
    )
    return SealingKey.objects.create(
        verifier=str(verifier), body=body, hash=declared(body), declared_at=at
    )


def _signed(
    frontier: Frontier,
    leaves: list[Leaf],
    signers: list[Signer],
    at: datetime.datetime,
) -> Checkpoint:
    for leaf in leaves:
        leaf.index = frontier.size
        frontier.add(bytes(leaf.hash))
    Leaf.objects.bulk_create(leaves, batch_size=2_000)
    origin = settings.TRAIL_ORIGIN
    text = notes.checkpoint(origin, frontier.size, frontier.root, at)
    return Checkpoint.objects.create(
        size=frontier.size,
        root=frontier.root,
        peaks=b"".join(frontier.peaks),
        note=notes.signed(text, signers),
        at=at,
    )
