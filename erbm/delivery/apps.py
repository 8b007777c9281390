"""The works: their calendar, what they look like, and the dwellings they deliver."""

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "erbm.delivery"
    verbose_name = "Travaux"
