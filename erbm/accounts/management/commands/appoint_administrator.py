"""Open the administration to a first person: the others are appointed there."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from erbm import changes
from erbm.accounts import queries
from erbm.accounts.invitations import link_for
from erbm.accounts.models import User
from flows.roles import Role
from workflow.models import Membership, Unit


class Command(BaseCommand):
    help = (
        "Donne à une personne le rôle d’administrateur du logiciel, et lui ouvre un "
        "compte si elle n’en a pas."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="adresse électronique de la personne")
        parser.add_argument("unit", help="code de son unité")
        parser.add_argument("--first-name", default="", help="prénom, à l’ouverture")
        parser.add_argument("--last-name", default="", help="nom, à l’ouverture")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        today = timezone.localdate()
        unit = Unit.objects.filter(code=options["unit"], is_active=True).first()
        if unit is None:
            raise CommandError(
                f"Aucune unité en activité n’a le code {options['unit']}."
            )
        person = _account(options)
        if not queries.administers(person, today):
            appointed = Membership.objects.create(
                user=person, unit=unit, role=Role.ADMINISTRATOR, starts_on=today
            )
            held = changes.values_of(appointed, ("user", "unit", "role", "starts_on"))
            changes.note(
                appointed, {}, held, listed=["role"], by=None, at=timezone.now()
            )
        self.stdout.write(f"{person} administre le logiciel.")
        if not person.has_usable_password():
            self.stdout.write(f"Mot de passe à choisir : {link_for(person)}")


def _account(options: dict[str, Any]) -> User:
    """
    Find a person’s account, or open it.

    :raises CommandError: if it is closed
    """
    email = options["email"].lower()
    person = User.objects.filter(email__iexact=email).first()
    if person is None:
        names = {name: options[name] for name in ("first_name", "last_name")}
        return User.objects.create_user(email, **names)
    if not person.is_active:
        raise CommandError(f"Le compte de {person} est fermé.")
    return person
