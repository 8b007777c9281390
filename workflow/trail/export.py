"""Take the trail out: events, register, seals, and all that it takes to verify them."""

import datetime
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate

from workflow.deadlines import start_of
from workflow.models import (
    Case,
    Checkpoint,
    Entry,
    EntryKind,
    Event,
    Leaf,
    SealingKey,
    Timestamp,
)
from workflow.trail import canonical, entries

FORMAT = "workflow-trail/1"
BUNDLE = Path(__file__).with_name("bundle")
ENCLOSED = ("verifier.py", "LISEZMOI.txt")


@dataclass(frozen=True, slots=True)
class Period:
    """From a moment on, and before another."""

    since: datetime.datetime
    until: datetime.datetime

    @classmethod
    def of_days(cls, first: datetime.date, last: datetime.date) -> "Period":
        """Return the days from one to another, both in it."""
        return cls(start_of(first), start_of(last + datetime.timedelta(days=1)))

    def cases(self) -> QuerySet[Case]:
        """Return the cases to which something happened meanwhile."""
        events = Event.objects.filter(self._within, case=OuterRef("pk"))
        return Case.objects.filter(Exists(events))

    def entries(self) -> QuerySet[Entry]:
        """Return what was entered in the register meanwhile."""
        return Entry.objects.filter(self._within)

    @property
    def _within(self) -> Q:
        return Q(at__gte=self.since, at__lt=self.until)


def export(
    cases: QuerySet[Case],
    folder: Path,
    *,
    whole: bool,
    register: QuerySet[Entry] | None = None,
    period: Period | None = None,
) -> int:
    """Write the trails of these cases to a new folder, and return how many events.

    - `whole`: they are all the cases, so that each leaf of the log must be accounted
      for;
    - `register`: the entries that go with them, if not all those of these cases;
    - `period`: that of which all the entries go out as well, whatever they are about.
    """
    folder.mkdir()
    # Events, leaves and heads are those of one moment.
    with transaction.atomic():
        _see_one_moment()
        if register is None:
            register = Entry.objects.all() if whole else _register_of(cases, period)
        said = _announced(cases, whole, period) | {"entries": register.count()}
        _write(folder / "export.json", [json.dumps(said, ensure_ascii=False, indent=1)])
        count = _write(folder / "events.jsonl", map(_line, _events(cases)))
        _write(folder / "entries.jsonl", map(_line, _entries(register)))
        leaves = Leaf.objects.order_by("index").values_list("hash", flat=True)
        _write(folder / "leaves.txt", (bytes(h).hex() for h in leaves.iterator()))
        _write(folder / "keys.jsonl", map(_line, _keys()))
        _write(folder / "checkpoints.jsonl", map(_line, _checkpoints()))
        _write_timestamps(folder / "timestamps")
    for name in ENCLOSED:
        shutil.copy(BUNDLE / name, folder / name)
    return count


def _announced(
    cases: QuerySet[Case], whole: bool, period: Period | None
) -> dict[str, Any]:
    columns = ("reference", "latest_seq", "latest_hash")
    heads = cases.order_by("reference").values_list(*columns)
    return {
        "format": FORMAT,
        "origin": settings.TRAIL_ORIGIN,
        "whole": whole,
        "period": _written(period),
        "cases": {ref: [seq, bytes(head).hex()] for ref, seq, head in heads},
    }


def _see_one_moment() -> None:
    # The tests are in a transaction already, where nothing else is written.
    if connection.vendor == "postgresql" and not connection.savepoint_ids:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def _events(cases: QuerySet[Case]) -> Iterator[Mapping[str, Any]]:
    columns = (
        *("case__reference", "seq", "previous_hash", "hash", "body", "leaf__index"),
        *("text__salt", "text__text"),
    )
    events = Event.objects.filter(case__in=cases).order_by("case__reference", "seq")
    for row in events.values_list(*columns).iterator():
        case, seq, previous, found, body, leaf, salt, text = row
        yield {
            "case": case,
            "seq": seq,
            "previous_hash": bytes(previous).hex(),
            "hash": bytes(found).hex(),
            "body": body,
            "leaf": leaf,
            "salt": bytes(salt).hex() if text else None,
            "text": text or None,
        }


def _written(period: Period | None) -> list[str] | None:
    if period is None:
        return None
    return [canonical.moment(period.since), canonical.moment(period.until)]


def _register_of(cases: QuerySet[Case], period: Period | None) -> QuerySet[Entry]:
    """
    Take the entries of these cases and of a period.

    Those that say what was erased of them go with them.
    """
    wanted = Q(case__in=cases)
    if period is not None:
        wanted |= Q(pk__in=period.entries())
    gone = {hashed.hex() for hashed in _gone(wanted)}
    telling = []
    if gone:
        erased = set(_gone(Q(kind=EntryKind.ERASED)))
        told = Entry.objects.filter(kind=EntryKind.ERASED).order_by("pk")
        for key, hashed, body in told.values_list("pk", "hash", "body").iterator():
            if gone.isdisjoint(entries.read(body)["facts"].get("entries", ())):
                continue
            telling.append(key)
            if bytes(hashed) in erased:
                gone.add(bytes(hashed).hex())
    return Entry.objects.filter(wanted | Q(pk__in=telling))


def _gone(which: Q) -> Iterator[bytes]:
    gone = Entry.objects.filter(which, text__text="")
    return map(bytes, gone.values_list("hash", flat=True))


def _entries(register: QuerySet[Entry]) -> Iterator[Mapping[str, Any]]:
    columns = ("hash", "body", "leaf__index", "text__salt", "text__text")
    ordered = register.order_by(F("leaf__index").asc(nulls_last=True), "hash")
    for found, body, leaf, salt, text in ordered.values_list(*columns).iterator():
        yield {
            "hash": bytes(found).hex(),
            "body": body,
            "leaf": leaf,
            "salt": bytes(salt).hex() if text else None,
            "text": text or None,
        }


def _keys() -> Iterator[Mapping[str, Any]]:
    keys = SealingKey.objects.order_by("pk")
    for verifier, body, leaf in keys.values_list("verifier", "body", "leaf__index"):
        yield {"verifier": verifier, "body": body, "leaf": leaf}


def _checkpoints() -> Iterator[Mapping[str, Any]]:
    """Take the last of each day, and those above the declaration of a key."""
    daily = Checkpoint.objects.order_by().values(day=TruncDate("at"))
    wanted = set(daily.annotate(end=Max("size")).values_list("end", flat=True))
    for leaf in Leaf.objects.filter(key__isnull=False).values_list("index", flat=True):
        above = Checkpoint.objects.filter(size__gt=leaf).order_by("size")
        wanted |= set(above.values_list("size", flat=True)[:1])
    wanted |= set(Timestamp.objects.values_list("checkpoint", flat=True))
    for size in sorted(wanted):
        yield {"note": Checkpoint.objects.get(size=size).note}


def _write_timestamps(folder: Path) -> None:
    """Write what `openssl ts -verify` takes: a note, its token, and the authority."""
    rows = Timestamp.objects.order_by("checkpoint").values_list(
        "checkpoint", "checkpoint__note", "token", "authority"
    )
    for size, note, token, authority in rows.iterator():
        folder.mkdir(exist_ok=True)
        (folder / f"{size}.note").write_bytes(note.encode())
        (folder / f"{size}.tsr").write_bytes(bytes(token))
        (folder / f"{size}.pem").write_text(authority, encoding="ascii")


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))


def _write(path: Path, lines: Iterable[str]) -> int:
    count = 0
    with path.open("x", encoding="utf-8", newline="\n") as file:
        for count, line in enumerate(lines, 1):  # noqa: B007
            file.write(f"{line}\n")
    return count
