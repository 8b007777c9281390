"""The procedures as a Django application."""

from django.apps import AppConfig


class FlowsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "flows"
    verbose_name = "Procédures"

    def ready(self) -> None:
        # Importing a journey registers it.
        from flows.grant import journey as grant  # noqa: F401
        from flows.obligation import journey as obligation  # noqa: F401
        from flows.payment import journey as payment  # noqa: F401
        from flows.rehabilitation import journey as rehabilitation  # noqa: F401
        from flows.sitting import journey as sitting  # noqa: F401
        from flows.subsidy import journey as subsidy  # noqa: F401
