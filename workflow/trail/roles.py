"""Who may do what in PostgreSQL: the roles owner, application and sealer."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.backends.utils import CursorWrapper
from psycopg import sql

WAITING = frozenset({"workflow_unsealed", "workflow_unsealedentry"})
"""What triggers write, as the owner, and the sealer empties."""
ONLY_ADDED = frozenset({"workflow_event", "workflow_entry", "workflow_timestamp"})
REGISTER = frozenset({"workflow_entry", "workflow_entrytext"})
"""What the sealer adds to as well: it writes there that a key succeeds another."""
SEALED = frozenset({"workflow_leaf", "workflow_checkpoint", "workflow_sealingkey"})
CHANGED = {
    "workflow_eventtext": ("salt", "text"),
    "workflow_entrytext": ("salt", "text"),
    "workflow_signature": ("struck_by_id", "took_effect_by_id"),
    "workflow_comment": ("text", "salt", "withdrawn_by_id", "withdrawn_at"),
    "workflow_attachment": ("file", "filename"),
    "workflow_conflict": ("lifted_by_id",),
}
"""What the application may change in the tables that it otherwise only adds to."""

OWNER, APPLICATION, SEALER = "_owner", "_application", "_sealer"
GIVEN = """
SELECT left(rolname, -length(%s)) FROM pg_class JOIN pg_roles ON pg_roles.oid = relowner
WHERE pg_class.oid = to_regclass('workflow_event') AND right(rolname, length(%s)) = %s
"""


class TooPowerful(Exception):
    """An account of the site or of the sealer is a superuser, or an owner."""


@dataclass(frozen=True, slots=True)
class Names:
    """How the three roles are called; nobody signs in with them, others inherit."""

    owner: str
    application: str
    sealer: str

    @classmethod
    def after(cls, prefix: str) -> "Names":
        return cls(f"{prefix}{OWNER}", f"{prefix}{APPLICATION}", f"{prefix}{SEALER}")


def given(cursor: CursorWrapper) -> Names | None:
    """Return the roles that the tables of the trail were given to, if they were."""
    cursor.execute(GIVEN, [OWNER, OWNER, OWNER])
    row = cursor.fetchone()
    names = Names.after(row[0]) if row else None
    is_whole = names and all(_exists(cursor, role) for role in _each(names))
    return names if is_whole else None


def harden(cursor: CursorWrapper, names: Names) -> None:
    """Create the roles that miss, and give each table its owner and its grants."""
    # A table whose foreign keys are still to be examined is not altered.
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    for role in _each(names):
        if not _exists(cursor, role):
            _run(cursor, "CREATE ROLE {} NOLOGIN", role)
    _open(cursor, names)
    for table in list(_tables(cursor)):
        _run(cursor, "ALTER TABLE {} OWNER TO {}", table, names.owner)
        _grant(cursor, table, names)
    for function in list(_functions(cursor)):
        # Whoever owns what a guard runs could have it do nothing.
        _run(cursor, "ALTER FUNCTION {}() OWNER TO {}", function, names.owner)
    for table in REGISTER:
        _run(cursor, "GRANT INSERT ON {} TO {}", table, names.sealer)


def _open(cursor: CursorWrapper, names: Names) -> None:
    """Let the roles into the schema, and nobody make anything there but the owner."""
    cursor.execute(
        "SELECT current_schema(), current_database(), current_user,"
        " pg_has_role(%s, 'MEMBER')",
        [names.owner],
    )
    schema, database, user, is_member = cursor.fetchone()
    if not is_member:
        # Who is no superuser gives only to roles of which she is a member.
        _run(cursor, "GRANT {} TO {}", names.owner, user)
    _run(cursor, "REVOKE CREATE ON SCHEMA {} FROM PUBLIC", schema)
    _run(cursor, "REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC", database)
    _run(cursor, "GRANT CREATE, USAGE ON SCHEMA {} TO {}", schema, names.owner)
    sequences = "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {} TO {}"
    for role in (names.application, names.sealer):
        _run(cursor, "GRANT USAGE ON SCHEMA {} TO {}", schema, role)
        _run(cursor, sequences, schema, role)


def enrol(
    cursor: CursorWrapper, account: str, role: str, owner: str, password: str
) -> None:
    """
    Have an account sign in with the rights of a role, and create it if it misses.

    :raises TooPowerful: if it could take the guards down
    """
    if not _exists(cursor, account):
        _run(cursor, "CREATE ROLE {} LOGIN", account)
    if password:
        statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
        cursor.execute(statement.format(sql.Identifier(account), sql.Literal(password)))
    _run(cursor, "GRANT {} TO {}", role, account)
    cursor.execute("SELECT pg_has_role(%s, %s, 'MEMBER')", [account, owner])
    if cursor.fetchone()[0]:  # so is a superuser, of every role
        raise TooPowerful(account)


def _each(names: Names) -> tuple[str, str, str]:
    return names.owner, names.application, names.sealer


def _exists(cursor: CursorWrapper, role: str) -> bool:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    return cursor.fetchone() is not None


def _tables(cursor: CursorWrapper) -> Iterator[str]:
    cursor.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
    )
    return (name for (name,) in cursor.fetchall())


def _functions(cursor: CursorWrapper) -> Iterator[str]:
    cursor.execute(
        "SELECT DISTINCT proname FROM pg_trigger"
        " JOIN pg_proc ON pg_proc.oid = tgfoid"
        " WHERE NOT tgisinternal AND pronamespace = current_schema()::regnamespace"
    )
    return (name for (name,) in cursor.fetchall())


def _grant(cursor: CursorWrapper, table: str, names: Names) -> None:
    for role in (names.application, names.sealer):
        _run(cursor, "REVOKE ALL ON {} FROM {}", table, role)
    application, columns = names.application, CHANGED.get(table)
    if table.startswith("workflow_"):
        _run(cursor, "GRANT SELECT ON {} TO {}", table, names.sealer)
    if table in SEALED | WAITING:
        _run(cursor, "GRANT SELECT ON {} TO {}", table, application)
        deed = "DELETE" if table in WAITING else "INSERT"
        _run(cursor, f"GRANT {deed} ON {{}} TO {{}}", table, names.sealer)
        return
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
