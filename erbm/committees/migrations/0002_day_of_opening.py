from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("committees", "0001_initial")]

    operations = [
        migrations.RemoveField(model_name="sitting", name="opened_at"),
        migrations.AddField(
            model_name="sitting",
            name="opened_on",
            field=models.DateField(blank=True, null=True, verbose_name="ouverte le"),
        ),
    ]
