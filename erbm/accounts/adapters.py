"""How signing in differs here from allauth's habits."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are opened by an administrator, never by their owner."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
