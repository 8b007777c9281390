"""Keep the texts of a delegation behind their hash, as those of comments are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("workflow", "0029_seal_as_owner")]

    operations = [
        migrations.AddField(
            model_name="delegation",
            name="instructions_salt",
            field=models.BinaryField(
                blank=True, max_length=16, verbose_name="sel de la consigne"
            ),
        ),
        migrations.AddField(
            model_name="delegation",
            name="answer_salt",
            field=models.BinaryField(
                blank=True, max_length=16, verbose_name="sel de la réponse"
            ),
        ),
    ]
