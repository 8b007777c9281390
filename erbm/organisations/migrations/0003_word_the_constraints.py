from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0002_remit"),
        ("territory", "0002_word_the_constraints"),
        ("workflow", "0002_word_the_constraints"),
    ]

    operations = [
        migrations.AlterConstraint(
            model_name="organisation",
            name="organisation_with_a_commune_is_one",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("commune", None), ("category", "commune"), _connector="OR"
                ),
                name="organisation_with_a_commune_is_one",
                violation_error_message="Seul un organisme de catégorie commune renvoie à une commune.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="organisation",
            name="organisation_with_an_epci_is_one",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("epci", None), ("category", "epci"), _connector="OR"
                ),
                name="organisation_with_an_epci_is_one",
                violation_error_message="Seul un organisme de catégorie EPCI renvoie à un EPCI.",
            ),
        ),
    ]
