from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("operations", "0001_initial"),
        ("workflow", "0002_word_the_constraints"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="consultationrule",
            options={
                "verbose_name": "règle de consultation",
                "verbose_name_plural": "règles de consultation",
            },
        ),
        migrations.AlterConstraint(
            model_name="consultationrule",
            name="consultation_rule_is_written_once",
            constraint=models.UniqueConstraint(
                fields=("kind", "departement", "unit"),
                name="consultation_rule_is_written_once",
                violation_error_message="Cette règle existe déjà.",
            ),
        ),
    ]
