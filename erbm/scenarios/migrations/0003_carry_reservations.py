"""What shares have reserved becomes reservations; nothing changes in envelopes."""

from typing import Any

from django.db import migrations


def carry(apps: Any, schema_editor: Any) -> None:
    Share = apps.get_model('scenarios', 'Share')
    Reservation = apps.get_model('programme', 'Reservation')
    held = Share.objects.filter(reserved_cents__gt=0).select_related('scenario')
    for share in held.order_by('pk'):
        share.reservation = Reservation.objects.create(
            envelope_id=share.scenario.envelope_id,
            case_id=share.operation_id,
            scheme=share.scheme,
            cents=share.reserved_cents,
        )
        share.save(update_fields=['reservation'])


def bring_back(apps: Any, schema_editor: Any) -> None:
    Share = apps.get_model('scenarios', 'Share')
    for share in Share.objects.exclude(reservation=None).select_related('reservation'):
        # What a grant took in part cannot be told by a share, which holds all or nothing.
        held, share.reservation = share.reservation, None
        if held.cents == share.granted_cents:
            share.reserved_cents = held.cents
        share.save(update_fields=['reserved_cents', 'reservation'])
        held.delete()


class Migration(migrations.Migration):

    dependencies = [
        ('operations', '0006_works_are_counted'),
        ('scenarios', '0002_name_reservations'),
    ]

    operations = [migrations.RunPython(carry, bring_back)]
