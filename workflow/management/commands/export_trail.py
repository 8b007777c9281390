"""Take the trail of one case, of a period or of all out, with what verifies it."""

import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet
from django.utils import timezone

from workflow.management.operators import operator
from workflow.models import Case, EntryKind
from workflow.trail import export, register
from workflow.trail.export import Period


class Command(BaseCommand):
    help = (
        "Écrit dans un nouveau dossier le journal, ses scellés et de quoi les vérifier."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DOSSIER")
        parser.add_argument("--case", metavar="RÉFÉRENCE", help="un seul dossier")
        day: Any = {"metavar": "AAAA-MM-JJ", "type": datetime.date.fromisoformat}
        parser.add_argument(
            "--since",
            **day,
            help="le registre d’une période, et en entier les dossiers où il s’est "
            "passé quelque chose : premier jour",
        )
        parser.add_argument(
            "--until", **day, help="dernier jour de la période, ce jour par défaut"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        if folder.exists():
            raise CommandError(f"{folder} existe déjà.")
        reference, period = options["case"], _period(options)
        cases = Case.objects.all()
        if reference:
            cases = cases.filter(reference=reference)
            if not cases.exists():
                raise CommandError(f"Aucun dossier ne porte la référence {reference}.")
        elif period:
            cases = period.cases()
        if period and not (cases.exists() or period.entries().exists()):
            raise CommandError("Il ne s’est rien passé pendant cette période.")
        _note(cases, options)
        whole = not (reference or period)
        count = export.export(cases, folder, whole=whole, period=period)
        self.stdout.write(
            f"Événements : {count}. À vérifier par : python3 -I {folder}/verifier.py"
        )


def _period(options: dict[str, Any]) -> Period | None:
    """
    Return the period that is asked for.

    :raises CommandError: if it ends before it begins, or goes with a case
    """
    since, until = options["since"], options["until"]
    if since is None and until is None:
        return None
    if since is None or options["case"]:
        raise CommandError("Une période a un premier jour, et va sans dossier.")
    until = until or timezone.localdate()
    if until < since:
        raise CommandError("La période finit avant de commencer.")
    return Period.of_days(since, until)


def _note(cases: QuerySet[Case], options: dict[str, Any]) -> None:
    """Write in the register what is taken out; the export then says it too."""
    reference, since, until = options["case"], options["since"], options["until"]
    register.enter(
        EntryKind.TRAIL_EXPORTED,
        by=None,
        at=timezone.now(),
        case=cases.get() if reference else None,
        facts={"since": since, "until": until, "whole": not (reference or since)},
        texts=operator(),
    )
