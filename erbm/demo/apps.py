"""The demonstration: people, and operations walked through a plausible past."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "erbm.demo"
    verbose_name = "Démonstration"
