"""One byte changed anywhere in the trail or in its seals is found, and named."""

import itertools
import json

from django.db import IntegrityError, transaction
from django.db.utils import DataError

from bars.ground import Ground, problems, run, trial

# What each table calls a row by, as the messages do.
TABLES = {
    "workflow_event": "{reference}/{seq}",
    "workflow_eventtext": "{reference}/{seq}",
    "workflow_signature": "workflow_signature {id}",
    "workflow_entry": "workflow_entry {id}",
    "workflow_entrytext": "workflow_entrytext {entry_id}",
    "workflow_unsealed": "workflow_unsealed {event_id}",
    "workflow_unsealedentry": "workflow_unsealedentry {entry_id}",
    "workflow_leaf": "workflow_leaf {index}",
    "workflow_checkpoint": "workflow_checkpoint {size}",
    "workflow_sealingkey": "workflow_sealingkey {id}",
}
# A decision later than it does not say which one struck an agreement out: any may be.
TRIES = 40
# And nothing refers to the key of a signature.
UNSAID = {("workflow_signature", "struck_by_id"), ("workflow_signature", "id")}
# What else is said of a row that is no longer where it was.
GONE = {
    "workflow_event": "{reference}/{next} : l’événement {seq} manque",
    "workflow_leaf": "la feuille {index} manque",
}
EVENT = """
SELECT c.reference, e.seq
FROM workflow_event e JOIN workflow_case c ON c.id = e.case_id
WHERE e.id = %s
"""
CASE = "SELECT reference FROM workflow_case WHERE id = %s"
COLUMNS = """
SELECT column_name, udt_name FROM information_schema.columns
WHERE table_name = %s ORDER BY ordinal_position
"""


def trials(sizes):
    """Change one byte of each column in turn, of rows chosen by chance."""
    ground = Ground()
    ground.live(sizes.days)
    ground.leave_unsealed()
    assert problems() == []
    places = [
        (table, column, kind)
        for table in TABLES
        for column, kind in run(COLUMNS, table)
        if (table, column) not in UNSAID and _rows(table, column)
    ]
    for place in itertools.islice(itertools.cycle(places), sizes.flips):
        yield _trial(ground, *place)


def _rows(table, column):
    """Return where the rows lie that have something to change."""
    filled = f"{column}::text NOT IN ('', '{{}}', '\\x')"
    return run(f"SELECT ctid::text FROM {table} WHERE {filled}")  # noqa: S608


def _trial(ground, table, column, kind):
    """Return nothing if the change is found and its row named, else what it was."""
    with trial():
        before, old, place = _flipped_somewhere(ground, table, column, kind)
        after, new = _read(table, place, column)
        names = [*_names(table, before), *_names(table, after)]
        found = problems([ground.latest_note()])
    if not found:
        return f"{table}.{column} of {names}: {old!r} → {new!r} is not found"
    if not any(name in problem for name in names for problem in found):
        return f"{table}.{column}: {names} are not among {found[:3]}"
    return ""


def _flipped_somewhere(ground, table, column, kind):
    """Change a row that may be changed: the keys of some take no other character."""
    rows = [row for [row] in _rows(table, column)]
    for row in ground.chance.sample(rows, len(rows)):
        before, old = _read(table, row, column)
        for _ in range(TRIES):
            changed = _changed(ground.chance, old, kind)
            if place := _flip(table, column, kind, (row, old, changed)):
                return before, old, place
    raise AssertionError(f"{table}.{column} takes no other value")


def _flip(table, column, kind, change):
    """Write another value, and return where the row lies then; or nothing."""
    row, old, changed = change
    try:
        with transaction.atomic():
            [[place, new]] = run(
                f"UPDATE {table} SET {column} = %s::{kind} WHERE ctid = %s::tid"  # noqa: S608
                f" RETURNING ctid::text, {column}::text",
                changed,
                row,
            )
            transaction.set_rollback(new == old)  # 7 and 07 are one number
    except (DataError, IntegrityError):
        return ""
    return "" if new == old else place


def _changed(chance, value, kind):
    letters = "0123456789abcdef" if kind == "bytea" else "0123456789abcdefghijxyzÉ-+:"
    place = chance.randrange(2 if kind == "bytea" else 0, len(value))
    return value[:place] + chance.choice(letters) + value[place + 1 :]


def _read(table, place, column):
    [[row, value]] = run(
        f"SELECT row_to_json({table})::text, {column}::text FROM {table}"  # noqa: S608
        " WHERE ctid = %s::tid",
        place,
    )
    return json.loads(row), value


def _names(table, row):
    """Say how a message may name a row."""
    if table == "workflow_eventtext":
        [row] = _as_event(row["event_id"]) or [{"reference": "?", "seq": 0}]
    if table == "workflow_event":
        [reference] = run(CASE, row["case_id"]) or [("?",)]
        row = {**row, "reference": reference[0], "next": row["seq"] + 1}
    forms = [TABLES[table], *([GONE[table]] if table in GONE else [])]
    return [form.format(**row) for form in forms]


def _as_event(number):
    found = run(EVENT, number)
    return [{"reference": reference, "seq": seq} for reference, seq in found]
