"""The bodies around the table: services, operators, landlords, collectivités."""

from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "erbm.organisations"
    verbose_name = "Organismes"
