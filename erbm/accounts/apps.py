"""The people: accounts and sign-in."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "erbm.accounts"
    verbose_name = "Comptes"
