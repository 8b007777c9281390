"""Tell along an index whether somebody made a move of a case."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workflow", "0027_witnesses")]

    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                fields=["actor", "move", "case"],
                condition=~models.Q(move=""),
                name="event_made_by",
            ),
        ),
    ]
