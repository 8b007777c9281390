"""Programming scenarios: drafts of how an envelope is shared among operations."""

from django.apps import AppConfig


class ScenariosConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "erbm.scenarios"
    verbose_name = "Scénarios de programmation"
