"""What the programme is about: its themes, later its envelopes and campaigns."""

from django.apps import AppConfig


class ProgrammeConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "erbm.programme"
    verbose_name = "Programme"
