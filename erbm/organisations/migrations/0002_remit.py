from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0001_initial"),
        ("workflow", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Remit",
            fields=[],
            options={
                "verbose_name": "compétence",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("workflow.competence",),
        ),
    ]
