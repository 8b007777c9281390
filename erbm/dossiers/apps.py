"""The dossier of a case: all that one may read of it, in one file."""

from django.apps import AppConfig


class DossiersConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "erbm.dossiers"
    verbose_name = "Dossiers"
