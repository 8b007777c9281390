"""Check the comments and their files: each against its event, and none that is gone."""

import datetime
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, QuerySet

from workflow.models import Case, Comment, Event
from workflow.trail import canonical, chain

WRITTEN, WITHDRAWN = "comment", "comment_withdrawn"  # the kinds of their events


class _Line(NamedTuple):
    """A comment beside the events that wrote and withdrew it, and one of its files."""

    pk: int
    case: int
    author: int
    unit: int
    audience: str
    at: datetime.datetime
    text: str
    salt: bytes
    withdrawn_at: datetime.datetime | None
    written_case: int
    written_seq: int
    written_kind: str
    written_actor: int | None
    written_unit: int | None
    written_at: datetime.datetime
    body: str
    withdrawn: int | None
    withdrawn_case: int | None
    withdrawn_kind: str | None
    withdrawn_moment: datetime.datetime | None
    withdrawn_body: str | None
    sha256: str | None
    file: str | None


_COLUMNS = (
    *("pk", "case_id", "author_id", "unit_id", "audience", "at", "text", "salt"),
    *("withdrawn_at", "written_by__case_id", "written_by__seq", "written_by__kind"),
    *("written_by__actor_id", "written_by__unit_id", "written_by__at"),
    *("written_by__body", "withdrawn_by_id", "withdrawn_by__case_id"),
    *("withdrawn_by__kind", "withdrawn_by__at", "withdrawn_by__body"),
    *("attachments__sha256", "attachments__file"),
)


def check(cases: QuerySet[Case]) -> Iterator[str]:
    """Say what is wrong with the comments of these cases, and with their files."""
    # With their files in one statement: what is withdrawn meanwhile is so in both.
    comments = Comment.objects.filter(case__in=cases).order_by("pk", "attachments__pk")
    lines = map(_Line._make, comments.values_list(*_COLUMNS).iterator())
    for _, files in groupby(lines, attrgetter("pk")):
        yield from _problems(list(files))
    yield from _gone(cases)


def _problems(lines: Sequence[_Line]) -> Iterator[str]:
    line = lines[0]
    where = f"workflow_comment {line.pk}, colonne"
    if (line.written_case, line.written_kind) != (line.case, WRITTEN):
        yield f"{where} written_by : cet événement ne l’inscrit pas."
        return
    facts = canonical.record_of(line.body).get("facts", {})
    for column, is_so in _repeated(line, facts).items():
        if not is_so:
            yield f"{where} {column} : elle contredit l’événement qui l’inscrit."
    if line.withdrawn is None:
        if not chain.is_committed(bytes(line.salt), line.text, facts.get("text")):
            yield f"{where} text : le texte a été modifié."
    elif not _withdraws(line):
        yield f"{where} withdrawn_by : cet événement ne le retire pas."
    yield from _misjoined(lines, facts.get("attachments"))


def _repeated(line: _Line, facts: dict[str, Any]) -> dict[str, bool]:
    """Tell of each column that repeats the event whether it does."""
    return {
        "author": line.author == line.written_actor,
        "unit": line.unit == line.written_unit,
        "audience": line.audience == facts.get("audience"),
        "at": line.at == line.written_at,
        "withdrawn_at": line.withdrawn_at == line.withdrawn_moment,
    }


def _withdraws(line: _Line) -> bool:
    facts = canonical.record_of(line.withdrawn_body).get("facts", {})
    return (line.withdrawn_case, line.withdrawn_kind, facts.get("written")) == (
        line.case,
        WITHDRAWN,
        line.written_seq,
    )


def _misjoined(lines: Sequence[_Line], told: Any) -> Iterator[str]:
    """Find files that are not those of the event, or erased and not withdrawn."""
    where = f"workflow_attachment du commentaire {lines[0].pk}, colonne"
    files = [line for line in lines if line.sha256 is not None]
    if [line.sha256 for line in files] != told:
        yield f"{where} sha256 : les fichiers ne sont pas ceux de l’événement."
    if any((line.file == "") is (line.withdrawn is None) for line in files):
        yield f"{where} file : un fichier ne suit pas le retrait de son commentaire."


def _gone(cases: QuerySet[Case]) -> Iterator[str]:
    """Find the comments written that are no more, and those taken back that stand."""
    events = Event.objects.filter(case__in=cases).order_by("case", "seq")
    place = (F("case__reference"), "seq")
    there = Exists(Comment.objects.filter(written_by=OuterRef("pk")))
    for reference, seq in events.filter(~there, kind=WRITTEN).values_list(*place):
        yield f"workflow_comment : celui de l’événement {reference}/{seq} manque."
    back = Exists(Comment.objects.filter(withdrawn_by=OuterRef("pk")))
    for reference, seq in events.filter(~back, kind=WITHDRAWN).values_list(*place):
        yield f"workflow_comment : l’événement {reference}/{seq} n’en retire aucun."
