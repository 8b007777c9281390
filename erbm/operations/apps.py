"""The heart: rehabilitations and subsidised projects."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "erbm.operations"
    verbose_name = "Opérations"

    def ready(self) -> None:
        # Importing the listeners subscribes them.
        from erbm.cases import rooms
        from erbm.operations import notifications  # noqa: F401
        from erbm.operations.room import OPERATIONS

        rooms.register(OPERATIONS)
