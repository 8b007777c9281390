"""The sign-in page, which a demonstration completes with its accounts."""

from typing import Any

from allauth.account import views
from django.conf import settings

from erbm.accounts import queries


class SignInView(views.LoginView):  # type: ignore[misc]
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if settings.DEMO:
            context["demo_accounts"] = queries.demo_accounts()
            context["demo_password"] = settings.DEMO_PASSWORD
        return context


sign_in = SignInView.as_view()
