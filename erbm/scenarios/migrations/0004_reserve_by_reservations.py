"""A share no longer says itself what is reserved for it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('scenarios', '0003_carry_reservations'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='share',
            name='share_is_reserved_as_it_is_granted',
        ),
        migrations.RemoveConstraint(
            model_name='share',
            name='share_is_reserved_once_under_its_scheme',
        ),
        migrations.RemoveField(
            model_name='share',
            name='reserved_cents',
        ),
        migrations.AddConstraint(
            model_name='share',
            constraint=models.CheckConstraint(condition=models.Q(('reservation', None), ('granted_cents__gt', 0), _connector='OR'), name='share_left_out_reserves_nothing'),
        ),
    ]
