from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("workflow", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Appointment",
            fields=[],
            options={
                "verbose_name": "appartenance",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("workflow.membership",),
        ),
    ]
