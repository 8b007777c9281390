"""Erase names and texts from the trail (RGPD, art. 17), and leave every proof valid.

The body of an event, or of an entry, only holds the hash of its texts: without them,
nor their salt, it says nothing of anybody, and the chain and the seals still hold.
"""

import datetime
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.db import connection
from django.db.models import Q

from workflow.models import Case, Entry, EntryKind, EntryText, Event, EventText
from workflow.trail import canonical, chain, register

KIND = "erasure"
AT_ONCE = 500
"""How many entries one entry says were erased."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name wherever a text has it, alone, its accents composed or not."""

    written: str

    @classmethod
    def of(cls, person: Any) -> Self:
        return cls(str(person))

    def within(self, column: str) -> Q:
        """Return what finds the rows whose text may have it, and some others."""
        found = Q(**{f"{column}__contains": self.written})
        for form in ("NFC", "NFD"):
            alike = unicodedata.normalize(form, self.written)
            found |= Q(**{f"{column}__contains": alike})
        return found

    def replaced(self, text: str, by: str) -> str:
        """Return a text that says another name instead; the same if it has it not."""
        alone = re.compile(rf"(?<!\w){re.escape(_composed(self.written))}(?!\w)")
        said, times = alone.subn(lambda _: by, _composed(text))
        return said if times else text

    def is_in(self, text: str) -> bool:
        return self.replaced(text, "") != text


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def erase_texts(
    *,
    case_id: int,
    seqs: Sequence[int],
    basis: str,
    reason: str,
    by: Any,
    at: datetime.datetime,
) -> Event | None:
    """
    Erase the texts of some events of a case, and record it; none if they were already.

    `basis` is the legal ground, which stays readable; the caller checks who asks.
    """
    assert connection.in_atomic_block
    case = Case.objects.select_for_update(of=("self",)).get(pk=case_id)
    texts = EventText.objects.filter(event__case=case, event__seq__in=seqs)
    kept = texts.exclude(text="")
    erased = sorted(kept.values_list("event__seq", flat=True))
    if not erased:
        return None
    keys = list(kept.values_list("pk", flat=True))
    EventText.objects.filter(pk__in=keys).update(text="", salt=b"")
    entry = chain.Entry(
        kind=KIND,
        actor=by,
        at=at,
        facts={
            "from": case.state,
            "to": case.state,
            "erased": erased,
            "basis": basis,
        },
        texts={"reason": reason},
    )
    event = chain.append(case, entry)
    case.save_head()
    return event


def named(person: Any) -> dict[int, list[int]]:
    """Return, for each case, the events that name a person, and still have texts."""
    name = _written(person)
    found: dict[int, list[int]] = {}
    events = Event.objects.filter(
        Q(actor=person) | Q(principal=person) | Q(text__text__contains=name)
    ).exclude(text__text="")
    for case, seq in events.order_by("case", "seq").values_list("case", "seq"):
        found.setdefault(case, []).append(seq)
    return found


def entries_naming(person: Any) -> list[Entry]:
    """Return the entries of the register that name a person, and still have texts."""
    account = canonical.text_of({"row": person.pk, "table": person._meta.label_lower})
    hers = Q(actor=person) | Q(kind=EntryKind.CONFIGURED, body__contains=account[1:-1])
    # Inside a sentence too: the reasons of a refusal may name her.
    name = _written(person)[1:-1]
    entries = Entry.objects.filter(hers | Q(text__text__contains=name))
    certain = set(entries.filter(hers).values_list("pk", flat=True))
    alone = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")  # not within another name
    left = entries.exclude(text__text="").select_related("text").order_by("pk")
    return [one for one in left if one.pk in certain or alone.search(one.text.text)]


def erase_entries(
    *,
    entries: Sequence[Entry],
    basis: str,
    reason: str,
    about: Any,
    by: Any,
    at: datetime.datetime,
) -> None:
    """
    Erase the texts of entries of the register, and enter it.

    `about`: the person who is forgotten; `basis` is the legal ground. It is entered
    even if there are none: it says that she was.
    """
    assert connection.in_atomic_block
    texts = EntryText.objects.filter(pk__in=[entry.pk for entry in entries])
    texts.update(text="", salt=b"")
    hashes = sorted(bytes(entry.hash).hex() for entry in entries)
    for start in range(0, max(1, len(hashes)), AT_ONCE):
        register.enter(
            EntryKind.ERASED,
            by=by,
            at=at,
            facts={
                "person": about.pk,
                "basis": basis,
                "entries": hashes[start : start + AT_ONCE],
            },
            texts={"reason": reason},
        )


def _written(person: Any) -> str:
    """Write a name as the texts of the trail have it, which are composed."""
    return json.dumps(_composed(str(person)), ensure_ascii=False)
