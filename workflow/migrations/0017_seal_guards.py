"""Have each event wait for its seal, and the database keep what is sealed."""

from typing import Any

from django.db import migrations

KEPT = ("workflow_leaf", "workflow_checkpoint", "workflow_sealingkey")
WAIT = "INSERT INTO workflow_unsealed (event_id) VALUES (NEW.id)"

FUNCTIONS = """
CREATE OR REPLACE FUNCTION workflow_event_waits() RETURNS trigger
LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    {wait};
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION workflow_leaf_is_next() RETURNS trigger
LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    IF NEW.index <> coalesce((SELECT max(index) FROM workflow_leaf), -1) + 1 THEN
        RAISE EXCEPTION 'workflow: leaf % does not follow', NEW.index;
    END IF;
    RETURN NEW;
END $$
"""
# name, moment, event, table, function
FOLLOWED = (
    ("event_waits", "AFTER", "INSERT", "workflow_event", "workflow_event_waits"),
    ("leaf_is_next", "BEFORE", "INSERT", "workflow_leaf", "workflow_leaf_is_next"),
)


def stand(apps: Any, schema_editor: Any) -> None:
    """Put the guards up, and have the events of before wait for their seal."""
    fall(apps, schema_editor)
    if schema_editor.connection.vendor == "postgresql":
        _on_postgresql(schema_editor)
    else:
        _on_sqlite(schema_editor)
    schema_editor.execute(
        "INSERT INTO workflow_unsealed (event_id) SELECT id FROM workflow_event"
    )


def fall(apps: Any, schema_editor: Any) -> None:
    """Take the guards down, to go back before them."""
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    names = [(name, table) for name, _, _, table, _ in FOLLOWED]
    names += [(f"{t}_{when}_refused", t) for t in KEPT for when in _whens(is_postgresql)]
    for name, table in names:
        on = f" ON {table}" if is_postgresql else ""
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}{on}")
    schema_editor.execute("DELETE FROM workflow_unsealed")


def _whens(is_postgresql: bool) -> tuple[str, ...]:
    return ("update", "delete", "truncate") if is_postgresql else ("update", "delete")


def _on_postgresql(schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        [schema] = cursor.fetchone()
    schema_editor.execute(FUNCTIONS.format(schema=schema, wait=WAIT), params=None)
    guards = [(name, f"{moment} {when}", table, "ROW", function)
              for name, moment, when, table, function in FOLLOWED]
    for table in KEPT:
        for when in _whens(True):
            level = "STATEMENT" if when == "truncate" else "ROW"
            name = f"{table}_{when}_refused"
            guards.append((name, f"BEFORE {when}", table, level, "workflow_refuse"))
    for name, when, table, level, function in guards:
        schema_editor.execute(
            f"CREATE TRIGGER {name} {when} ON {table} "
            f"FOR EACH {level} EXECUTE FUNCTION {function}()"
        )
        schema_editor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


def _on_sqlite(schema_editor: Any) -> None:
    schema_editor.execute(
        f"CREATE TRIGGER event_waits AFTER INSERT ON workflow_event BEGIN {WAIT}; END"
    )
    refused = [
        ("leaf_is_next", "INSERT", "workflow_leaf",
         'NEW."index" <> 1 + coalesce((SELECT max("index") FROM workflow_leaf), -1)'),
        *((f"{table}_{when}_refused", when, table, "1")
          for table in KEPT for when in _whens(False)),
    ]
    for name, when, table, condition in refused:
        schema_editor.execute(
            f"CREATE TRIGGER {name} BEFORE {when} ON {table} WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, 'workflow: {name}'); END"
        )


class Migration(migrations.Migration):
    dependencies = [("workflow", "0016_seals")]

    operations = [migrations.RunPython(stand, fall, elidable=False)]
