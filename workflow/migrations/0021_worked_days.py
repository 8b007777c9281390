from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("workflow", "0020_search_the_trail"),
    ]

    operations = [
        migrations.AddField(
            model_name="task",
            name="worked_days",
            field=models.PositiveSmallIntegerField(
                blank=True, null=True, verbose_name="attente en jours ouvrés"
            ),
        ),
    ]
