"""Have the database keep the register, and each entry of it wait for its seal."""

from typing import Any

from django.db import migrations

ENTRY, TEXT = "workflow_entry", "workflow_entrytext"
DOMAIN = "workflow/entry/1\n"
WAIT = "INSERT INTO workflow_unsealedentry (entry_id) VALUES (NEW.id)"

FUNCTIONS = """
CREATE OR REPLACE FUNCTION workflow_entry_is_whole() RETURNS trigger
LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    IF NEW.hash <> sha256('{domain}'::bytea || convert_to(NEW.body, 'UTF8')) THEN
        RAISE EXCEPTION 'workflow: entry % has another hash', NEW.id;
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION workflow_entry_waits() RETURNS trigger
LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    {wait};
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION workflow_entrytext_is_only_erased() RETURNS trigger
LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    IF NEW.entry_id = OLD.entry_id AND OLD.text <> ''
        AND NEW.text = '' AND NEW.salt = ''::bytea
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'workflow: the texts of entry % can only be erased', OLD.entry_id
        USING ERRCODE = 'insufficient_privilege';
END $$
"""
# name, when, table, level, function
POSTGRESQL = (
    ("entry_is_whole", "BEFORE INSERT", ENTRY, "ROW", "workflow_entry_is_whole"),
    ("entry_waits", "AFTER INSERT", ENTRY, "ROW", "workflow_entry_waits"),
    ("entry_is_not_changed", "BEFORE UPDATE", ENTRY, "ROW", "workflow_refuse"),
    ("entry_is_not_deleted", "BEFORE DELETE", ENTRY, "ROW", "workflow_refuse"),
    ("entry_is_not_emptied", "BEFORE TRUNCATE", ENTRY, "STATEMENT", "workflow_refuse"),
    (
        "entrytext_is_only_erased",
        "BEFORE UPDATE",
        TEXT,
        "ROW",
        "workflow_entrytext_is_only_erased",
    ),
    ("entrytext_is_not_deleted", "BEFORE DELETE", TEXT, "ROW", "workflow_refuse"),
    (
        "entrytext_is_not_emptied",
        "BEFORE TRUNCATE",
        TEXT,
        "STATEMENT",
        "workflow_refuse",
    ),
)
# name, when, table, what is refused
SQLITE = (
    ("entry_is_not_changed", "UPDATE", ENTRY, "1"),
    ("entry_is_not_deleted", "DELETE", ENTRY, "1"),
    (
        "entrytext_is_only_erased",
        "UPDATE",
        TEXT,
        "NEW.entry_id <> OLD.entry_id OR OLD.text = ''"
        " OR NEW.text <> '' OR NEW.salt <> x''",
    ),
    ("entrytext_is_not_deleted", "DELETE", TEXT, "1"),
    # The table of the leaves was written anew by 0018, and its guards fell.
    (
        "leaf_is_next",
        "INSERT",
        "workflow_leaf",
        'NEW."index" <> 1 + coalesce((SELECT max("index") FROM workflow_leaf), -1)',
    ),
    ("workflow_leaf_update_refused", "UPDATE", "workflow_leaf", "1"),
    ("workflow_leaf_delete_refused", "DELETE", "workflow_leaf", "1"),
)


def stand(apps: Any, schema_editor: Any) -> None:
    """Put the guards up; those that stand are put up anew."""
    fall(apps, schema_editor)
    if schema_editor.connection.vendor == "postgresql":
        _on_postgresql(schema_editor)
        return
    schema_editor.execute(
        f"CREATE TRIGGER entry_waits AFTER INSERT ON {ENTRY} BEGIN {WAIT}; END"
    )
    for name, when, table, refused in SQLITE:
        schema_editor.execute(
            f"CREATE TRIGGER {name} BEFORE {when} ON {table} WHEN {refused} "
            f"BEGIN SELECT RAISE(ABORT, 'workflow: {name}'); END"
        )


def fall(apps: Any, schema_editor: Any) -> None:
    """Take the guards down, to go back before them."""
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    for name, _, table, *_ in POSTGRESQL if is_postgresql else SQLITE:
        on = f" ON {table}" if is_postgresql else ""
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
    if not is_postgresql:
        schema_editor.execute("DROP TRIGGER IF EXISTS entry_waits")


def _on_postgresql(schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        [schema] = cursor.fetchone()
    functions = FUNCTIONS.format(
        schema=schema, domain="\\x" + DOMAIN.encode().hex(), wait=WAIT
    )
    schema_editor.execute(functions, params=None)
    for name, when, table, level, function in POSTGRESQL:
        schema_editor.execute(
            f"CREATE TRIGGER {name} {when} ON {table} "
            f"FOR EACH {level} EXECUTE FUNCTION {function}()"
        )
        # Even for a session that plays a replica: SET session_replication_role.
        schema_editor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


class Migration(migrations.Migration):
    dependencies = [("workflow", "0018_register")]

    operations = [migrations.RunPython(stand, fall, elidable=False)]
