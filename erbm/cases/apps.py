"""The pages that the cases of every procedure have in common."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "erbm.cases"
    verbose_name = "Dossiers"
