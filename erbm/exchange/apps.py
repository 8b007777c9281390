"""What people write to one another about an operation."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "erbm.exchange"
    verbose_name = "Échanges"

    def ready(self) -> None:
        # Importing the listeners subscribes them.
        from erbm.exchange import notifications  # noqa: F401
