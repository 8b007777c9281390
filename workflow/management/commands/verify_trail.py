"""Check the trail of one case, or of all of them, and say what is wrong."""

import datetime
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils import timezone

from workflow.models import Case, Entry, EntryKind
from workflow.trail import (
    agreements,
    entries,
    receipts,
    register,
    seals,
    timestamps,
    verify,
    witnesses,
)


class Command(BaseCommand):
    help = (
        "Vérifie le journal et le registre d’un dossier, de ceux qui ont changé depuis "
        "un jour, ou de tous avec les scellés ; signale chaque défaut."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--case", metavar="RÉFÉRENCE", help="le seul dossier à vérifier"
        )
        which.add_argument(
            "--since",
            metavar="AAAA-MM-JJ",
            type=datetime.date.fromisoformat,
            help="les seuls dossiers qui ont changé depuis ce jour",
        )
        parser.add_argument(
            "--receipt",
            metavar="REÇU",
            action="append",
            default=[],
            help="un reçu « RÉFÉRENCE · n° 12 · empreinte », que le journal doit tenir",
        )
        parser.add_argument(
            "--witness",
            metavar="FICHIER",
            type=Path,
            action="append",
            default=[],
            help="un point de contrôle gardé ailleurs, que les scellés doivent suivre",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        cases, is_whole = self._cases(options)
        count = events = faults = 0
        for verdict in verify.check(cases):
            count, events = count + 1, events + verdict.events
            faults += self._told(verdict.problems)
        faults += self._told(agreements.check(cases))
        entered = entries.Check(self._entries(options))
        faults += self._told(entered)
        faults += self._told(self._denied(options["receipt"]))
        counted = (
            f"Dossiers : {_number(count)} ; événements : {_number(events)} ; "
            f"inscriptions au registre : {_number(entered.count)} ; "
        )
        if is_whole:
            given = [path.read_text(encoding="utf-8") for path in options["witness"]]
            log = seals.check([*witnesses.kept(), *given])
            faults += self._told(log.problems)
            faults += self._told(timestamps.problems())
            counted += f"feuilles scellées : {_number(log.tree.size)} ; "
        self.stdout.write(f"{counted}défauts : {_number(faults)}.")
        self._note(options, faults)
        if faults:
            sys.exit(1)

    def _cases(self, options: dict[str, Any]) -> tuple[QuerySet[Case], bool]:
        """Return the cases asked for, and whether they are all of them."""
        cases = Case.objects.all()
        if reference := options["case"]:
            cases = cases.filter(reference=reference)
            if not cases.exists():
                raise CommandError(f"Aucun dossier ne porte la référence {reference}.")
        elif since := options["since"]:
            cases = cases.filter(changed_at__date__gte=since)
        else:
            return cases, True
        return cases, False

    def _entries(self, options: dict[str, Any]) -> QuerySet[Entry]:
        """Return the entries of the register that go with these cases."""
        if reference := options["case"]:
            return Entry.objects.filter(case__reference=reference)
        if since := options["since"]:
            return Entry.objects.filter(at__date__gte=since)
        return Entry.objects.all()

    def _denied(self, given: Iterable[str]) -> Iterator[str]:
        """Find the receipts that the trail does not honour."""
        for text in given:
            try:
                receipt = receipts.read(text)
            except receipts.NotAReceipt:
                raise CommandError(f"Ce n’est pas un reçu : {text}") from None
            yield from receipts.problems(receipt)

    def _note(self, options: dict[str, Any], faults: int) -> None:
        asked = {"case": options["case"], "since": options["since"]}
        try:
            register.enter(
                EntryKind.VERIFIED,
                by=None,
                at=timezone.now(),
                facts={**asked, "found": faults},
            )
        except DatabaseError:
            # An account that may only read verifies all the same.
            self.stderr.write("Cette vérification n’est pas inscrite au registre.")

    def _told(self, problems: Iterable[str]) -> int:
        count = 0
        for count, problem in enumerate(problems, 1):  # noqa: B007
            self.stderr.write(problem)
        return count


def _number(count: int) -> str:
    return f"{count:,}".replace(",", "\u202f")
