"""Who may do what in PostgreSQL: the roles owner, application and sealer."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper
from psycopg import sql

WAITING = frozenset({"workflow_unsealed", "workflow_unsealedentry"})
TOLD = frozenset({"workflow_event", "workflow_entry", "workflow_timestamp"})
ONLY_ADDED = TOLD | WAITING
REGISTER = frozenset({"workflow_entry", "workflow_entrytext", "workflow_unsealedentry"})
"""What the sealer adds to as well: it writes there that a key succeeds another."""
SEALED = frozenset({"workflow_leaf", "workflow_checkpoint", "workflow_sealingkey"})
CHANGED = {
    "workflow_eventtext": ("salt", "text"),
    "workflow_entrytext": ("salt", "text"),
    "workflow_signature": ("struck_by_id", "took_effect_by_id"),
}
"""What the application may change in the tables that it otherwise only adds to."""


@dataclass(frozen=True, slots=True)
class Names:
    """How the three roles are called; nobody signs in with them, others inherit."""

    owner: str
    application: str
    sealer: str

    @classmethod
    def after(cls, prefix: str) -> "Names":
        return cls(f"{prefix}_owner", f"{prefix}_application", f"{prefix}_sealer")


def harden(cursor: CursorWrapper, names: Names) -> None:
    """Create the roles that miss, and give each table its owner and its grants."""
    # A table whose foreign keys are still to be examined is not altered.
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    for role in (names.owner, names.application, names.sealer):
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if cursor.fetchone() is None:
            _run(cursor, "CREATE ROLE {} NOLOGIN", role)
    cursor.execute("SELECT current_schema(), current_database(), current_user")
    schema, database, user = cursor.fetchone()
    # Who is no superuser gives only to roles of which she is a member.
    _run(cursor, "GRANT {} TO {}", names.owner, user)
    _run(cursor, "REVOKE CREATE ON SCHEMA {} FROM PUBLIC", schema)
    _run(cursor, "REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC", database)
    _run(cursor, "GRANT CREATE, USAGE ON SCHEMA {} TO {}", schema, names.owner)
    for role in (names.application, names.sealer):
        _run(cursor, "GRANT USAGE ON SCHEMA {} TO {}", schema, role)
    for table in list(_tables(cursor)):
        _run(cursor, "ALTER TABLE {} OWNER TO {}", table, names.owner)
        _grant(cursor, table, names)
    for table in REGISTER:
        _run(cursor, "GRANT INSERT ON {} TO {}", table, names.sealer)
    for role in (names.application, names.sealer):
        _run(
            cursor, "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {} TO {}",
            schema, role,
        )  # fmt: skip


def _tables(cursor: CursorWrapper) -> Iterator[str]:
    cursor.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    )
    return (name for (name,) in cursor.fetchall())


def _grant(cursor: CursorWrapper, table: str, names: Names) -> None:
    for role in (names.application, names.sealer):
        _run(cursor, "REVOKE ALL ON {} FROM {}", table, role)
    application, columns = names.application, CHANGED.get(table)
    if table.startswith("workflow_"):
        _run(cursor, "GRANT SELECT ON {} TO {}", table, names.sealer)
    if table in SEALED:
        _run(cursor, "GRANT SELECT ON {} TO {}", table, application)
        _run(cursor, "GRANT INSERT ON {} TO {}", table, names.sealer)
        return
    if table in WAITING:
        _run(cursor, "GRANT DELETE ON {} TO {}", table, names.sealer)
    _run(cursor, "GRANT SELECT, INSERT ON {} TO {}", table, application)
    if columns:
        updated = sql.SQL(", ").join(map(sql.Identifier, columns))
        grant = sql.SQL("GRANT UPDATE ({}) ON {} TO {}")
        cursor.execute(
            grant.format(updated, sql.Identifier(table), sql.Identifier(application))
        )
    elif table not in ONLY_ADDED:
        _run(cursor, "GRANT UPDATE, DELETE ON {} TO {}", table, application)


def _run(cursor: CursorWrapper, statement: str, *names: str) -> None:
    cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
