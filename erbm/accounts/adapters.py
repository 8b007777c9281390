"""How signing in differs here from allauth's habits."""

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils import timezone

from erbm.accounts import commands
from erbm.accounts.commands import Leaving, Level
from erbm.accounts.models import User
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

    def login(self, request: HttpRequest, user: Any) -> None:
        # Before: who cannot be written down does not come in.
        commands.note_sign_in(level=Level.PASSWORD, by=user, at=timezone.now())
        super().login(request, user)

    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            at = timezone.now()
            commands.note_sign_out(why=Leaving.ASKED, by=request.user, at=at)
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        commands.note_failed_sign_in(
            email=str(credentials.get("email", "")),
            level=Level.PASSWORD,
            by=request.user if isinstance(request.user, User) else None,
            at=timezone.now(),
        )

    def _get_login_attempts_cache_key(
        self, request: HttpRequest, **credentials: Any
    ) -> str:
        """
        Count failures by account, those of its owner apart once she is signed in.

        allauth counts them by Host as well, whose port is anyone's to choose; and a
        stranger who fails on purpose must not keep her from proving who she is.
        """
        return f"{request.user.pk}:{credentials.get('email', '').lower()}"
