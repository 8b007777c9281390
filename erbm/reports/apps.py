"""What is told of the programme: its review, the table of the COPIL, open data."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "erbm.reports"
    verbose_name = "Bilans"
