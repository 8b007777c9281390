from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("workflow", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterConstraint(
            model_name="competence",
            name="competence_is_held_by_one_unit",
            constraint=models.UniqueConstraint(
                fields=("process", "role", "jurisdiction"),
                name="competence_is_held_by_one_unit",
                violation_error_message="Une unité a déjà ce rôle dans ce ressort.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="competence",
            name="competence_is_held_by_one_unit_everywhere",
            constraint=models.UniqueConstraint(
                condition=models.Q(("jurisdiction", None)),
                fields=("process", "role"),
                name="competence_is_held_by_one_unit_everywhere",
                violation_error_message="Une unité a déjà ce rôle partout.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="membership",
            name="membership_ends_after_it_starts",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on", None),
                    ("ends_on__gte", models.F("starts_on")),
                    _connector="OR",
                ),
                name="membership_ends_after_it_starts",
                violation_error_message="Un rôle ne peut finir avant de commencer.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="membership",
            name="membership_is_held_once",
            constraint=models.UniqueConstraint(
                fields=("user", "unit", "role", "jurisdiction", "starts_on"),
                name="membership_is_held_once",
                violation_error_message="Cette personne tient déjà ce rôle.",
            ),
        ),
        migrations.AlterConstraint(
            model_name="membership",
            name="membership_is_held_once_everywhere",
            constraint=models.UniqueConstraint(
                condition=models.Q(("jurisdiction", None)),
                fields=("user", "unit", "role", "starts_on"),
                name="membership_is_held_once_everywhere",
                violation_error_message="Cette personne tient déjà ce rôle.",
            ),
        ),
    ]
