"""Give the tables of PostgreSQL to roles that cannot rewrite the trail."""

import dataclasses
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.utils import timezone

from workflow.models import EntryKind
from workflow.trail import register, roles


class Command(BaseCommand):
    help = (
        "Crée les rôles propriétaire, application et scelleur, et leur donne à chacun "
        "ce qui lui revient. À refaire après chaque « migrate »."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--prefix", default="erbm", help="ce qui commence le nom des rôles"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError(
                "SQLite n’a pas de rôles : le journal y est vérifiable, mais rien n’y "
                "arrête qui ouvre le fichier."
            )
        names = roles.Names.after(options["prefix"])
        with transaction.atomic(), connection.cursor() as cursor:
            roles.harden(cursor, names)
            said = dataclasses.asdict(names)
            register.enter(EntryKind.HARDENED, by=None, at=timezone.now(), facts=said)
        self.stdout.write(
            f"Rôles : {names.owner}, {names.application}, {names.sealer}.\n"
            f"Faites se connecter le site et les travailleurs par un compte membre de "
            f"{names.application}, et de lui seul."
        )
