"""Erase a person from the accounts and from the trail, for a reason and on a ground."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from erbm.accounts import erasure
from erbm.accounts.models import User


class Command(BaseCommand):
    help = (
        "Efface le nom d’une personne dont le compte est fermé, et les textes des "
        "événements qui la nomment. Les preuves restent valables."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="adresse de la personne à effacer")
        parser.add_argument(
            "--basis", required=True, help="fondement : « RGPD, art. 17 »…"
        )
        parser.add_argument("--reason", required=True, help="motif, en une phrase")
        parser.add_argument("--by", required=True, help="adresse de qui en répond")

    def handle(self, *args: Any, **options: Any) -> None:
        person, by = _account(options["email"]), _account(options["by"])
        try:
            done = erasure.forget(
                person=person,
                basis=options["basis"],
                reason=options["reason"],
                by=by,
                at=timezone.now(),
            )
        except erasure.StillActive:
            raise CommandError("Fermez d’abord son compte.") from None
        self.stdout.write(
            f"Effacée : {done.events} événements de {done.cases} dossiers et "
            f"{done.entries} inscriptions au registre ont perdu leurs textes."
        )


def _account(email: str) -> User:
    person = User.objects.filter(email__iexact=email).first()
    if person is None:
        raise CommandError(f"Personne n’a l’adresse {email}.")
    return person
