"""The screens that span several applications."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "erbm.desk"
    verbose_name = "Bureau"
