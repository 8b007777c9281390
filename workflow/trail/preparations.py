"""Check what people have prepared: each text against the event that holds its hash."""

from collections.abc import Iterator
from typing import Any

from django.db.models import F, QuerySet

from workflow.models import Case, Delegation, Event
from workflow.trail import canonical, chain

TEXTS = {"delegation": "instructions", "return": "answer"}
"""What the events of each kind hold the hash of, by its name in the row."""


def check(cases: QuerySet[Case]) -> Iterator[str]:
    """Say which texts of these cases are not those that their events tell of."""
    # The events first: whatever one of them tells of was written before it.
    events = Event.objects.filter(case__in=cases, kind__in=TEXTS).order_by(
        "case", "seq"
    )
    place = ("case", F("case__reference"), "seq", "kind", "body")
    told = list(events.values_list(*place))
    keys = {case for case, *_ in told}
    rows = Delegation.objects.filter(case__in=keys).in_bulk()
    for case, reference, seq, kind, body in told:
        facts = canonical.record_of(body).get("facts", {})
        row = rows.get(facts.get("delegation"))
        if row is None or row.case_id != case:
            yield (
                f"workflow_delegation : celle de l’événement {reference}/{seq} manque."
            )
        # Those of before are among the texts of their event, and checked with them.
        elif (name := TEXTS[kind]) in facts and not _is_said(row, name, facts[name]):
            where = f"workflow_delegation {row.pk}, colonne {name}"
            yield f"{where} : le texte a été modifié."


def _is_said(row: Delegation, name: str, said: Any) -> bool:
    """Tell whether a text is the one whose hash is told, or was erased."""
    salt, text = bytes(getattr(row, f"{name}_salt")), str(getattr(row, name))
    return not (salt or text) or chain.is_committed(salt, text, said)
