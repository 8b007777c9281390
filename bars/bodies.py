"""Whatever is recorded is hashed, stored, read back and exported as the same bytes."""

import io
import json
import struct
import tempfile
from pathlib import Path

import rfc8785
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bars import on_sqlite
from bars.ground import Ground, problems
from tests.workflow import vectors
from tests.workflow.test_canonical import records, values
from workflow.models import Case, Event
from workflow.trail import canonical, chain

BATCH = 50
REFUSED = [2**53, -(2**53), 1.5, float("nan"), float("inf"), "\ud800", {"\udfff": 1}]


def trials(sizes):
    """Try the vectors of RFC 8785, then records drawn by chance, on both databases."""
    yield from _vectors()
    yield from here(sizes.bodies)
    yield from on_sqlite.trials("bodies", sizes.bodies)


def _vectors():
    sample, named = json.loads(vectors.SAMPLE), json.loads(vectors.NAMED)
    is_sampled = rfc8785.dumps(sample) == bytes.fromhex(vectors.SAMPLED_BYTES)
    yield "" if is_sampled else "the sample of RFC 8785 is written otherwise"
    ordered = [*json.loads(canonical.text_of(named)).values()]
    yield (
        "" if ordered == vectors.IN_ORDER else f"names are in another order: {ordered}"
    )
    for bits in vectors.NUMBERS:
        yield _refused(*struct.unpack(">d", bytes.fromhex(bits)))


def here(count):
    """Draw records, write them, and compare what is read and what is exported."""
    ground = Ground()
    [loan] = ground.town.loans(1)
    written = {}
    drawn = st.lists(records(values), min_size=BATCH, max_size=BATCH)

    @settings(
        max_examples=max(1, count // BATCH),
        phases=[Phase.generate],
        deadline=None,
        database=None,
        suppress_health_check=[*HealthCheck],
    )
    @given(facts=drawn)
    def write(facts):
        case = Case.objects.get(pk=loan.case_id)
        entries = [
            chain.Entry(
                kind="essai",
                actor=ground.town.reader,
                at=ground.at,
                facts=fact | {"to": case.state},
            )
            for fact in facts
        ]
        drafts = [chain.draft(case, entry) for entry in entries]
        with transaction.atomic():
            chain.write(drafts)
            case.save_head()
        written.update((draft.seq, draft.body) for draft in drafts)

    write()
    ground.seal()
    yield from _compared(written)
    yield from map(_refused, REFUSED)
    yield from problems()


def _compared(written):
    read = dict(Event.objects.values_list("seq", "body"))
    told = _exported()
    for seq, body in written.items():
        same = body == read[seq] == told[seq] == canonical.text_of(json.loads(body))
        yield "" if same else f"event {seq} changes: {body[:80]}"


def _exported():
    with tempfile.TemporaryDirectory() as name:
        call_command("export_trail", str(Path(name) / "export"), stdout=io.StringIO())
        lines = (Path(name) / "export/events.jsonl").read_text(encoding="utf-8")
    rows = map(json.loads, lines.split("\n")[:-1])
    return {row["seq"]: row["body"] for row in rows}


def _refused(value):
    try:
        canonical.text_of({"value": value})
    except canonical.NotCanonical:
        return ""
    return f"{value!r} has a canonical form"
