"""Give the tables of PostgreSQL to roles that cannot rewrite the trail."""

import dataclasses
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.utils import timezone

from workflow.management.operators import operator
from workflow.models import EntryKind
from workflow.trail import register, roles


class Command(BaseCommand):
    help = (
        "Crée les rôles propriétaire, application et scelleur, et leur donne à chacun "
        "ce qui lui revient ; « migrate » le refait ensuite de lui-même. Avec --site "
        "et --sealer, y inscrit les comptes qui se connectent, et les crée s’ils "
        "manquent, avec les mots de passe de SITE_PASSWORD et de SEALER_PASSWORD."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--prefix", default="erbm", help="ce qui commence le nom des rôles"
        )
        parser.add_argument(
            "--site", metavar="COMPTE", help="celui du site et des travailleurs"
        )
        parser.add_argument("--sealer", metavar="COMPTE", help="celui du scelleur")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError(
                "SQLite n’a pas de rôles : le journal y est vérifiable, mais rien n’y "
                "arrête qui ouvre le fichier."
            )
        names = roles.Names.after(options["prefix"])
        accounts = {
            names.application: options["site"],
            names.sealer: options["sealer"],
        }
        with transaction.atomic(), connection.cursor() as cursor:
            roles.harden(cursor, names)
            for role, account in accounts.items():
                if account:
                    word = "SITE" if role == names.application else "SEALER"
                    password = os.environ.get(f"{word}_PASSWORD", "")
                    _enrol(cursor, account, role, names, password)
            said = {**dataclasses.asdict(names), "accounts": accounts}
            register.enter(
                EntryKind.HARDENED,
                by=None,
                at=timezone.now(),
                facts=said,
                texts=operator(),
            )
        self.stdout.write(
            f"Rôles : {names.owner}, {names.application}, {names.sealer}.\n"
            f"Le site et les travailleurs se connectent par un compte membre de "
            f"{names.application}, le scelleur par un compte membre de "
            f"{names.sealer}, et d’eux seuls."
        )


def _enrol(
    cursor: Any, account: str, role: str, names: roles.Names, password: str
) -> None:
    try:
        roles.enrol(cursor, account, role, names.owner, password)
    except roles.TooPowerful:
        raise CommandError(
            f"{account} est superutilisateur ou membre de {names.owner} : il pourrait "
            "désarmer les gardes. Donnez un autre compte."
        ) from None
