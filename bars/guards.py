"""The database refuses whatever would rewrite the trail, whoever asks but its owner."""

import io

from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from bars import on_sqlite
from bars.ground import Ground, problems
from tests.workflow.test_guards import DENIED
from workflow.models import Event
from workflow.trail import chain
from workflow.trail.guards import KEPT

REPLACED = "INSERT OR REPLACE INTO {0} SELECT * FROM {0}"
OUT_OF_PLACE = {
    "a number taken": {"seq": -1},
    "a number skipped": {"seq": 1},
    "another hash before": {"previous_hash": bytes(32)},
    "another hash": {"hash": bytes(32)},
    "another body": {"body": "{}"},
}
ROW = "case_id, case_version, kind, move, role, at"


def trials(sizes):
    """Ask on both databases for what they must refuse; nothing of it is by chance."""
    yield from here(sizes.days)
    yield from on_sqlite.trials("guards", sizes.days)


def here(days):
    """Ask as the application, as a replica, and as the owner of the tables."""
    ground = Ground()
    ground.live(days)
    ground.town.loan_at("given")
    ground.leave_unsealed()
    if connection.vendor == "postgresql":
        yield from _as_application()
        yield from _as_owner("TRUNCATE {} CASCADE")
        yield from _as_owner("DELETE FROM {}", replica=True)
    else:
        yield from _as_owner(REPLACED)
    yield from _as_owner("DELETE FROM {}")
    yield from _as_owner("UPDATE {} SET {}")
    yield from _out_of_place()
    yield from problems()


def _as_application():
    call_command("harden_database", prefix="guards_bar", stdout=io.StringIO())
    role = "guards_bar_application"
    for statement in DENIED:
        yield _refused(statement, f"SET LOCAL SESSION AUTHORIZATION {role}")
    yield from _out_of_place(f"SET LOCAL ROLE {role}")


def _as_owner(statement, *, replica=False):
    before = ["SET LOCAL session_replication_role = replica"] if replica else []
    for table in KEPT:
        yield _refused(statement.format(table, _change(table)), *before)


def _change(table):
    """Say what to change: one row of signatures may say that it was struck out."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_table_description(cursor, table)
    same = f"{found[-1].name} = {found[-1].name}"
    return "role = 'mayor'" if table == "workflow_signature" else same


def _out_of_place(*before):
    """Add an event that is not the next one of its case, in each way."""
    is_postgresql = connection.vendor == "postgresql"
    for name, changed in OUT_OF_PLACE.items():
        if is_postgresql or not {"hash", "body"} & changed.keys():
            is_added = _added(changed, *before)
            yield f"an event with {name} is added" if is_added else ""
    yield "" if _added({}, *before) else "the next event of a case is refused"


def _added(changed, *before):
    latest = Event.objects.order_by("case", "-seq").first()
    body, head = latest.body, bytes(latest.hash)
    row = {"seq": 0, "previous_hash": head, "hash": chain.link(head, body)}
    row = {**row, "body": body, **changed}
    row["seq"] += latest.seq + 1
    columns = f"{ROW}, {', '.join(row)}"
    marks = ", ".join(["%s"] * len(row))
    return _done(
        f"INSERT INTO workflow_event ({columns}) "  # noqa: S608
        f"SELECT {ROW}, {marks} FROM workflow_event WHERE id = {latest.pk}",
        *before,
        values=[*row.values()],
    )


def _refused(statement, *before):
    """Return nothing if the database refuses a statement, else what it let through."""
    return f"{statement} is not refused" if _done(statement, *before) else ""


def _done(statement, *before, values=None):
    """Tell whether the database does what is asked, and undo it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for each in before:
                cursor.execute(each)
            cursor.execute(statement, values)
            transaction.set_rollback(True)
    except DatabaseError:
        return False
    return True
