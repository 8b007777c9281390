from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("territory", "0001_initial"),
        ("workflow", "0002_word_the_constraints"),
    ]

    operations = [
        migrations.AlterConstraint(
            model_name="cite",
            name="cite_has_dwellings_when_counted",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("dwellings", None), ("dwellings__gt", 0), _connector="OR"
                ),
                name="cite_has_dwellings_when_counted",
                violation_error_message="Un nombre de logements inconnu reste vide, il n’est pas nul.",
            ),
        ),
    ]
