"""Arrondissements, EPCI, communes and cités."""

from django.apps import AppConfig


class TerritoryConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "erbm.territory"
    verbose_name = "Territoire"
