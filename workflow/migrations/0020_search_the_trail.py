"""Index the events by what they are searched by, each time in the order of moments."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

TABLE = "workflow_event"


def drop_the_index_of_actors(apps: Any, schema_editor: Any) -> None:
    """Drop it: the one by actor and moment serves in its place."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, TABLE)
    for name, one in found.items():
        if one["columns"] == ["actor_id"] and one["index"] and not one["unique"]:
            schema_editor.execute(f"DROP INDEX {schema_editor.quote_name(name)}")


def index_actors(apps: Any, schema_editor: Any) -> None:
    """Put it back, to go back before."""
    schema_editor.execute(
        f"CREATE INDEX workflow_event_actor_id ON {TABLE} (actor_id)"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("workflow", "0019_register_guards"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # SQLite would alter the column by writing the table anew, without its guards.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="event",
                    name="actor",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="auteur",
                    ),
                ),
            ],
            database_operations=[
                migrations.RunPython(drop_the_index_of_actors, index_actors),
            ],
        ),
        *(
            migrations.AddIndex(
                model_name="event",
                index=models.Index(fields=fields, name=name, condition=condition),
            )
            for name, fields, condition in (
                ("event_by_moment", ["at", "id"], None),
                ("event_by_actor", ["actor", "at", "id"], None),
                (
                    "event_by_principal",
                    ["principal", "at", "id"],
                    Q(principal__isnull=False),
                ),
                ("event_by_unit", ["unit", "at", "id"], None),
                ("event_by_move", ["move", "at", "id"], ~Q(move="")),
                ("event_by_kind", ["kind", "at", "id"], ~Q(kind="move")),
            )
        ),
    ]
