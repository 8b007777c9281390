"""Take the trail of one case, of a period or of all out, with what verifies it."""

import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone

from workflow.models import Case, EntryKind
from workflow.trail import export, register


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
        _note(cases, options)
        count = export.export(cases, folder, whole=whole)
        self.stdout.write(
            f"Événements : {count}. À vérifier par : python3 -I {folder}/verifier.py"
        )


def _note(cases: QuerySet[Case], options: dict[str, Any]) -> None:
    """Write in the register what is taken out; the export then says it too."""
    reference, since = options["case"], options["since"]
    register.enter(
        EntryKind.TRAIL_EXPORTED,
        by=None,
        at=timezone.now(),
        case=cases.get() if reference else None,
        facts={"since": since, "whole": not (reference or since)},
    )
