"""What people are told: in the application, by e-mail, in their calendar."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "erbm.notices"
    verbose_name = "Notifications"

    def ready(self) -> None:
        # Importing the listeners subscribes them.
        from erbm.notices import notifications  # noqa: F401
