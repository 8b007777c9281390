"""The engine as a Django application."""

from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "workflow"
    verbose_name = "Moteur"

    def ready(self) -> None:
        # Whoever decides must know how a worker is woken: `tasks` says it.
        from workflow import checks, tasks  # noqa: F401
