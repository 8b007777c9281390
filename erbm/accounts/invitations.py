"""Letters about an account: the link to choose a password, the change of address."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from erbm.accounts.models import User


def link_for(person: User) -> str:
    """Return the address at which a person chooses a password, once."""
    key = default_token_generator.make_token(person)
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(person), "key": key},
    )
    return f"{settings.BASE_URL}{path}"


def invite(person: User) -> None:
    """
    Write to a person how to choose a password.

    :raises OSError: if the letter cannot leave
    """
    days = settings.PASSWORD_RESET_TIMEOUT // 86_400
    _send("invitation", person.email, person, link=link_for(person), days=days)


def tell_change_of_address(person: User, former: str) -> None:
    """
    Write to the former address of an account that it has another.

    :raises OSError: if the letter cannot leave
    """
    _send("address_changed", former, person)


def _send(letter: str, address: str, person: User, **said: object) -> None:
    context = {"person": person, "site": settings.BASE_URL, **said}
    subject = render_to_string(f"account/email/{letter}_subject.txt", context)
    message = render_to_string(f"account/email/{letter}_message.txt", context)
    send_mail(subject.strip(), message, None, [address])
