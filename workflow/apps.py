"""The engine as a Django application."""

from typing import Any

from django.apps import AppConfig
from django.db import connections, transaction
from django.db.models.signals import post_migrate

from workflow.trail import roles


class WorkflowConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "workflow"
    verbose_name = "Moteur"

    def ready(self) -> None:
        # Whoever decides must know how a worker is woken: `tasks` says it.
        from workflow import checks, tasks  # noqa: F401

        post_migrate.connect(harden_again, sender=self)


def harden_again(using: str, **kwargs: Any) -> None:
    """Give what migrations made to the roles that `harden_database` once created."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    with transaction.atomic(using=using), connection.cursor() as cursor:
        if names := roles.given(cursor):
            roles.harden(cursor, names)
