"""The financing plan of an operation."""

from django.apps import AppConfig


class FundingConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "erbm.funding"
    verbose_name = "Financement"
