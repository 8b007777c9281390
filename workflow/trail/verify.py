"""Check the trail of a case: hashes, links, and the columns that repeat a body."""

import json
from collections.abc import Iterator
from typing import Any

from workflow.models import Case, Event
from workflow.trail import canonical, chain


def problems_of(case: Case) -> list[str]:
    """Return what is wrong with a trail, one sentence a fault: none if it holds."""
    return list(_problems(case))


def _problems(case: Case) -> Iterator[str]:
    head, seq = b"", 0
    events = case.events.select_related("text", "unit").order_by("seq")
    for event in events:
        seq += 1
        where = f"workflow_event {case.reference}/{event.seq}"
        if event.seq != seq:
            yield f"{where} : l’événement {seq} manque."
            seq = event.seq
        if bytes(event.previous_hash) != head:
            yield f"{where}, colonne previous_hash : la chaîne est rompue."
        if bytes(event.hash) != chain.link(bytes(event.previous_hash), event.body):
            yield f"{where}, colonne hash : le corps a été modifié."
        yield from (f"{where}, {fault}" for fault in _faults(case, event))
        head = bytes(event.hash)
    if seq != case.latest_seq or bytes(case.latest_hash) != head:
        yield (
            f"workflow_case {case.reference}, colonnes latest_seq et latest_hash : "
            f"la fin du journal manque."
        )


def _faults(case: Case, event: Event) -> Iterator[str]:
    try:
        body = json.loads(event.body)
    except ValueError:
        yield "colonne body : le corps est illisible."
        return
    for column, stored in _repeated(case, event).items():
        if body.get(column) != stored:
            yield f"colonne {column} : elle ne dit pas ce que dit le corps."
    text = getattr(event, "text", None)
    if text is None:
        yield "table workflow_eventtext : les textes manquent."
    elif chain.commitment(bytes(text.salt), text.text) != body.get("texts"):
        yield "table workflow_eventtext, colonne text : les textes ont été modifiés."


def _repeated(case: Case, event: Event) -> dict[str, Any]:
    return {
        "case": case.reference,
        "seq": event.seq,
        "kind": event.kind,
        "move": event.move or None,
        "at": canonical.moment(event.at),
        "actor": event.actor_id,
        "role": event.role or None,
        "unit": event.unit.code if event.unit else None,
        "case_version": event.case_version,
        "request": str(event.request_key) if event.request_key else None,
    }
