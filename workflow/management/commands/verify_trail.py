"""Check the trail of one case, or of all of them, and say what is wrong."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workflow.models import Case
from workflow.trail import verify


class Command(BaseCommand):
    help = "Vérifie le journal d’un dossier, ou de tous ; signale chaque défaut."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--case", metavar="RÉFÉRENCE", help="le seul dossier à vérifier"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        cases = Case.objects.all()
        if reference := options["case"]:
            cases = cases.filter(reference=reference)
            if not cases.exists():
                raise CommandError(f"Aucun dossier ne porte la référence {reference}.")
        count = events = faults = 0
        for verdict in verify.check(cases):
            count, events = count + 1, events + verdict.events
            faults += len(verdict.problems)
            for problem in verdict.problems:
                self.stderr.write(problem)
        self.stdout.write(
            f"Dossiers : {_number(count)} ; événements : {_number(events)} ; "
            f"défauts : {_number(faults)}."
        )
        if faults:
            sys.exit(1)


def _number(count: int) -> str:
    return f"{count:,}".replace(",", "\u202f")
