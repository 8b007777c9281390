"""The forms of sign-in and passwords, in our words."""

from typing import Any, ClassVar

from allauth.account import forms
from django.contrib.auth.password_validation import password_validators_help_texts

EMAIL = "Adresse électronique"
NEW_PASSWORDS = {
    "password1": "Nouveau mot de passe",
    "password2": "Nouveau mot de passe, une seconde fois",
}


class Worded:
    """A form whose fields are named here, without placeholder nor borrowed help."""

    labels: ClassVar[dict[str, str]] = {}
    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.labels.get(name, field.label)
            field.help_text = ""
            field.widget.attrs.pop("placeholder", None)
        if "password1" in self.fields:
            rules = password_validators_help_texts()
            self.fields["password1"].help_text = " ".join(rules)


class SignIn(Worded, forms.LoginForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, str]] = {
        "login": EMAIL,
        "password": "Mot de passe",
    }


class ForgottenPassword(Worded, forms.ResetPasswordForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, str]] = {"email": EMAIL}


class NewPassword(Worded, forms.ResetPasswordKeyForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, str]] = NEW_PASSWORDS


class ChangePassword(Worded, forms.ChangePasswordForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, str]] = {
        "oldpassword": "Mot de passe actuel",
        **NEW_PASSWORDS,
    }


class FirstPassword(Worded, forms.SetPasswordForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, str]] = NEW_PASSWORDS


class Reauthenticate(Worded, forms.ReauthenticateForm):  # type: ignore[misc]
    labels: ClassVar[dict[str, str]] = {"password": "Mot de passe"}
