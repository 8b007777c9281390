"""Have what waits for its seal written as the owner: nobody else adds a row there."""

from typing import Any

from django.db import migrations

WAITS = ("workflow_event_waits", "workflow_entry_waits")


def _have(schema_editor: Any, security: str) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return  # SQLite has neither functions nor owners
    for name in WAITS:
        # Their search_path is fixed already: nothing of the caller's is looked up.
        schema_editor.execute(f"ALTER FUNCTION {name}() SECURITY {security}")


def raise_up(apps: Any, schema_editor: Any) -> None:
    """Run the functions with the rights of who owns them."""
    _have(schema_editor, "DEFINER")


def put_back(apps: Any, schema_editor: Any) -> None:
    """Run them again with the rights of who writes."""
    _have(schema_editor, "INVOKER")


class Migration(migrations.Migration):
    dependencies = [("workflow", "0028_moves_of_people")]

    operations = [migrations.RunPython(raise_up, put_back, elidable=False)]
