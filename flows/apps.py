"""The procedures as a Django application."""

from django.apps import AppConfig


class FlowsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "flows"
    verbose_name = "Procédures"

    def ready(self) -> None:
        from flows.rehabilitation import journey as rehabilitation
        from flows.subsidy import journey as subsidy

        assert rehabilitation.RehabilitationFlow
        assert subsidy.SubsidyFlow
