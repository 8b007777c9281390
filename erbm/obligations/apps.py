"""What operations still owe once they are decided: conditions, with their days."""

from django.apps import AppConfig


class ObligationsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "erbm.obligations"
    verbose_name = "Conditions"

    def ready(self) -> None:
        from erbm.cases import rooms
        from erbm.obligations.room import OBLIGATIONS

        rooms.register(OBLIGATIONS)
