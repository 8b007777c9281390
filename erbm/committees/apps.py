"""The bodies that decide: committees, COPIL, financers, and their sittings."""

from django.apps import AppConfig


class CommitteesConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "erbm.committees"
    verbose_name = "Instances"

    def ready(self) -> None:
        # Importing the listeners subscribes them.
        from erbm.cases import rooms
        from erbm.committees import notifications  # noqa: F401
        from erbm.committees.room import SITTINGS

        rooms.register(SITTINGS)
