"""What funders give: grants, from the request to the last euro, and their payments."""

from django.apps import AppConfig


class GrantsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "erbm.grants"
    verbose_name = "Subventions"

    def ready(self) -> None:
        # Importing the listener subscribes it.
        from erbm.cases import rooms
        from erbm.grants import notifications  # noqa: F401
        from erbm.grants.room import GRANTS, PAYMENTS

        rooms.register(GRANTS)
        rooms.register(PAYMENTS)
