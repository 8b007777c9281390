"""Find operations by their words, on PostgreSQL without reading them all."""

from typing import Any

from django.db import migrations

LAY = (
    """
    ALTER TABLE operations_operation ADD COLUMN search_words tsvector
    GENERATED ALWAYS AS
    (array_to_tsvector(array_remove(string_to_array(search_text, ' '), ''))) STORED
    """,
    "CREATE INDEX operation_words ON operations_operation USING gin (search_words)",
)
LIFT = ("ALTER TABLE operations_operation DROP COLUMN search_words",)


def lay(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in LAY:
            schema_editor.execute(statement)


def lift(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in LIFT:
            schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ("operations", "0003_terms_of_consultation"),
    ]

    operations = [migrations.RunPython(lay, lift)]
