"""The engine as a Django application."""

from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "workflow"
    verbose_name = "Moteur"

    def ready(self) -> None:
        from workflow import checks  # noqa: F401
