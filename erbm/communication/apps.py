"""What is shown of the operations: visits, inaugurations, foundation stones."""

from django.apps import AppConfig


class CommunicationConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "erbm.communication"
    verbose_name = "Communication"
