"""Have the database itself keep the trail: written in its order, and only once."""

from typing import Any

from django.db import migrations

EVENT, TEXT, SIGNATURE = "workflow_event", "workflow_eventtext", "workflow_signature"
DOMAIN = "workflow/event/1\n"
# What may still be said of a signature, once: that it took effect, that it is struck.
SIGNED = (
    "id", "case_id", "move", "role", "user_id", "principal_id", "event_id", "at",
    "content",
)

# {schema} comes first, and the temporary tables last: nobody can put a table of the
# same name before ours.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION workflow_refuse() RETURNS trigger
LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'workflow: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE OR REPLACE FUNCTION workflow_event_is_next() RETURNS trigger
LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
DECLARE
    latest record;
BEGIN
    SELECT seq, hash INTO latest FROM workflow_event
        WHERE case_id = NEW.case_id ORDER BY seq DESC LIMIT 1;
    IF NEW.seq <> coalesce(latest.seq, 0) + 1 THEN
        RAISE EXCEPTION 'workflow: event % of case % does not follow',
            NEW.seq, NEW.case_id;
    ELSIF NEW.previous_hash <> coalesce(latest.hash, ''::bytea) THEN
        RAISE EXCEPTION 'workflow: event % of case % is not linked',
            NEW.seq, NEW.case_id;
    ELSIF NEW.hash <> sha256(
        '{domain}'::bytea || NEW.previous_hash || convert_to(NEW.body, 'UTF8')
    ) THEN
        RAISE EXCEPTION 'workflow: event % of case % has another hash',
            NEW.seq, NEW.case_id;
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION workflow_text_is_only_erased() RETURNS trigger
LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    IF NEW.event_id = OLD.event_id AND OLD.text <> '' AND NEW.text <> OLD.text
        AND (NEW.text = '' OR NEW.text::jsonb <@ OLD.text::jsonb)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'workflow: the texts of event % can only be erased', OLD.event_id
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE OR REPLACE FUNCTION workflow_signature_stays() RETURNS trigger
LANGUAGE plpgsql SET search_path = {schema}, pg_temp AS $$
BEGIN
    IF ({new_columns}) IS NOT DISTINCT FROM ({old_columns})
        AND (OLD.struck_by_id IS NULL
            OR NEW.struck_by_id IS NOT DISTINCT FROM OLD.struck_by_id)
        AND (OLD.took_effect_by_id IS NULL
            OR NEW.took_effect_by_id IS NOT DISTINCT FROM OLD.took_effect_by_id)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'workflow: signature % stays as it is', OLD.id
        USING ERRCODE = 'insufficient_privilege';
END $$;
"""
# name, when, table, level, function
POSTGRESQL = (
    ("event_is_next", "INSERT", EVENT, "ROW", "workflow_event_is_next"),
    ("event_is_not_changed", "UPDATE", EVENT, "ROW", "workflow_refuse"),
    ("event_is_not_deleted", "DELETE", EVENT, "ROW", "workflow_refuse"),
    ("event_is_not_emptied", "TRUNCATE", EVENT, "STATEMENT", "workflow_refuse"),
    ("text_is_only_erased", "UPDATE", TEXT, "ROW", "workflow_text_is_only_erased"),
    ("text_is_not_deleted", "DELETE", TEXT, "ROW", "workflow_refuse"),
    ("text_is_not_emptied", "TRUNCATE", TEXT, "STATEMENT", "workflow_refuse"),
    ("signature_stays", "UPDATE", SIGNATURE, "ROW", "workflow_signature_stays"),
    ("signature_is_not_deleted", "DELETE", SIGNATURE, "ROW", "workflow_refuse"),
    ("signature_is_not_emptied", "TRUNCATE", SIGNATURE, "STATEMENT", "workflow_refuse"),
)

# name, when, table, what is refused
SQLITE = (
    (
        "event_is_next",
        "INSERT",
        EVENT,
        "NEW.seq <> 1 + coalesce((SELECT max(seq) FROM workflow_event"
        " WHERE case_id = NEW.case_id), 0)"
        " OR NEW.previous_hash <> coalesce((SELECT hash FROM workflow_event"
        " WHERE case_id = NEW.case_id ORDER BY seq DESC LIMIT 1), x'')",
    ),
    ("event_is_not_changed", "UPDATE", EVENT, "1"),
    ("event_is_not_deleted", "DELETE", EVENT, "1"),
    (
        "text_is_only_erased",
        "UPDATE",
        TEXT,
        "NEW.event_id <> OLD.event_id OR OLD.text = '' OR NEW.text = OLD.text"
        " OR NEW.text <> '' AND EXISTS (SELECT 1 FROM json_each(NEW.text) said"
        " WHERE NOT EXISTS (SELECT 1 FROM json_each(OLD.text) was"
        " WHERE was.key = said.key AND was.value = said.value))",
    ),
    ("text_is_not_deleted", "DELETE", TEXT, "1"),
    (
        "signature_stays",
        "UPDATE",
        SIGNATURE,
        " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in SIGNED)
        + " OR OLD.struck_by_id IS NOT NULL"
        " AND NEW.struck_by_id IS NOT OLD.struck_by_id"
        " OR OLD.took_effect_by_id IS NOT NULL"
        " AND NEW.took_effect_by_id IS NOT OLD.took_effect_by_id",
    ),
    ("signature_is_not_deleted", "DELETE", SIGNATURE, "1"),
)


def stand(apps: Any, schema_editor: Any) -> None:
    """Put the guards up; those that stand are put up anew."""
    fall(apps, schema_editor)
    if schema_editor.connection.vendor == "postgresql":
        _on_postgresql(schema_editor)
    else:
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


def _on_postgresql(schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        [schema] = cursor.fetchone()
    schema_editor.execute(
        FUNCTIONS.format(
            schema=schema,
            domain="\\x" + DOMAIN.encode().hex(),
            new_columns=", ".join(f"NEW.{column}" for column in SIGNED),
            old_columns=", ".join(f"OLD.{column}" for column in SIGNED),
        ),
        params=None,
    )
    for name, when, table, level, function in POSTGRESQL:
        schema_editor.execute(
            f"CREATE TRIGGER {name} BEFORE {when} ON {table} "
            f"FOR EACH {level} EXECUTE FUNCTION {function}()"
        )
        # Even for a session that plays a replica: SET session_replication_role.
        schema_editor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")


class Migration(migrations.Migration):
    dependencies = [("workflow", "0011_exchange")]

    operations = [migrations.RunPython(stand, fall, elidable=False)]
