"""Reading published files into operations."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "erbm.imports"
    verbose_name = "Imports"
