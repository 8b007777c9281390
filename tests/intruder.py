"""Act as who owns the database: take the guards of the trail down for a while."""

import contextlib

from django.db import connection, transaction

GUARDS = """
SELECT format('ALTER TABLE %I', relname), quote_ident(tgname)
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE tgenabled = 'A' AND NOT tgisinternal
    AND tgname NOT IN ('event_waits', 'entry_waits')
"""


@contextlib.contextmanager
def guards_down():
    """Let everything be done to the trail for the time of a `with`."""
    down = _down_on_postgresql if connection.vendor == "postgresql" else _down_on_sqlite
    with transaction.atomic(savepoint=False), down():
        yield


@contextlib.contextmanager
def _down_on_postgresql():
    with connection.cursor() as cursor:
        cursor.execute(GUARDS)
        guards = cursor.fetchall()
        _settle(cursor)
        for table, guard in guards:
            cursor.execute(f"{table} DISABLE TRIGGER {guard}")
        yield
        _settle(cursor)
        for table, guard in guards:
            cursor.execute(f"{table} ENABLE ALWAYS TRIGGER {guard}")


def _settle(cursor):
    # A table whose foreign keys are still to be examined is not altered.
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


@contextlib.contextmanager
def _down_on_sqlite():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master"
            " WHERE type = 'trigger' AND name NOT IN ('event_waits', 'entry_waits')"
        )
        guards = cursor.fetchall()
        for name, _ in guards:
            cursor.execute(f'DROP TRIGGER "{name}"')
        yield
        for _, sql in guards:
            cursor.execute(sql)
