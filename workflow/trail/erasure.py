"""Erase names and texts from the trail (RGPD, art. 17), and leave every proof valid.

The body of an event only holds the hash of its texts: without them, nor their salt, it
says nothing of anybody, and the chain and the seals still hold.
"""

import datetime
import json
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Q

from workflow.models import Case, Event, EventText
from workflow.trail import chain

KIND = "erasure"


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
    name = json.dumps(str(person), ensure_ascii=False)
    found: dict[int, list[int]] = {}
    events = Event.objects.filter(
        Q(actor=person) | Q(principal=person) | Q(text__text__contains=name)
    ).exclude(text__text="")
    for case, seq in events.order_by("case", "seq").values_list("case", "seq"):
        found.setdefault(case, []).append(seq)
    return found
