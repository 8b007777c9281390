"""How signing in differs here from allauth's habits."""

from typing import ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from erbm.words import FIXED


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are opened by an administrator, never by their owner."""

    error_messages: ClassVar[dict[str, str]] = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": (
            "L’adresse électronique ou le mot de passe ne sont pas corrects."
        ),
        "enter_current_password": "Ce n’est pas votre mot de passe actuel.",
        "incorrect_password": "Ce n’est pas votre mot de passe.",
        "too_many_login_attempts": (
            f"Trop d’essais infructueux{FIXED}: patientez quelques minutes."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
