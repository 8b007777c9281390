"""Take the trail of one case, of a period or of all out, with what verifies it."""

import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from workflow.models import Case
from workflow.trail import export


class Command(BaseCommand):
    help = (
        "Écrit dans un nouveau dossier le journal, ses scellés et de quoi les vérifier."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DOSSIER")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--case", metavar="RÉFÉRENCE", help="un seul dossier")
        which.add_argument(
            "--since",
            metavar="AAAA-MM-JJ",
            type=datetime.date.fromisoformat,
            help="les dossiers qui ont changé depuis ce jour, en entier",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        if folder.exists():
            raise CommandError(f"{folder} existe déjà.")
        cases = Case.objects.all()
        if options["case"]:
            cases = cases.filter(reference=options["case"])
        elif options["since"]:
            cases = cases.filter(changed_at__date__gte=options["since"])
        if not cases.exists():
            raise CommandError("Aucun dossier ne répond à la demande.")
        whole = not (options["case"] or options["since"])
        count = export.export(cases, folder, whole=whole)
        self.stdout.write(
            f"Événements : {count}. À vérifier par : python3 -I {folder}/verifier.py"
        )
