"""Say of a line whether a grant of this register follows it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('funding', '0003_pay_from_the_ftj'),
    ]

    operations = [
        migrations.AddField(
            model_name='line',
            name='is_followed',
            field=models.BooleanField(default=False, verbose_name='suivie par une subvention'),
        ),
    ]
