"""What auditors do: search the trail, read a case, verify what is sealed."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "erbm.audit"
    verbose_name = "Audit"
