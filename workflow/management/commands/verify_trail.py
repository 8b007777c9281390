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

from workflow.management.operators import operator
from workflow.models import Case, Entry, EntryKind
from workflow.trail import (
    entries,
    guards,
    proofs,
    receipts,
    register,
    rows,
    seals,
    timestamps,
    verify,
    witnesses,
)
from workflow.trail.notes import NotANote


class Command(BaseCommand):
    help = (
        "Vérifie le journal, le registre et les sceaux d’un dossier, de ceux qui ont "
        "changé depuis un jour, ou de tous avec les gardes de la base et les témoins ; "
        "signale chaque défaut, et rend 1 s’il y en a."
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
            help="un point de contrôle gardé ailleurs, que les sceaux doivent suivre",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        cases, is_whole = self._cases(options)
        count = events = faults = 0
        for verdict in verify.check(cases):
            count, events = count + 1, events + verdict.events
            faults += self._told(verdict.problems)
        faults += self._told(verify.ambiguous(cases))
        faults += self._told(rows.check(cases))
        entered = entries.Check(self._entries(options))
        faults += self._told(entered)
        faults += self._told(self._denied(options["receipt"]))
        notes = [path.read_text(encoding="utf-8") for path in options["witness"]]
        counted = (
            f"Dossiers : {_number(count)} ; événements : {_number(events)} ; "
            f"inscriptions au registre : {_number(entered.count)} ; "
        )
        if is_whole:
            faults += self._told(verify.astray())
            log = seals.check([*witnesses.kept(), *notes])
            faults += self._told(log.problems)
            faults += self._told(timestamps.problems())
            faults += self._told(guards.problems())
            counted += f"feuilles scellées : {_number(log.tree.size)} ; "
        else:
            faults += self._told(proofs.problems_of(cases))
            faults += self._told(self._contradicted(notes))
        self.stdout.write(f"{counted}défauts : {_number(faults)}.")
        self._note(cases, options, faults)
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

    def _contradicted(self, notes: Iterable[str]) -> Iterator[str]:
        """Find the witnesses that the log does not continue."""
        for note in notes:
            try:
                found = proofs.compare(note)
            except NotANote:
                yield "Un témoin est illisible."
                continue
            if not found.agrees:
                yield f"Un témoin de {found.noted_size} feuilles a vu un autre journal."

    def _note(
        self, cases: QuerySet[Case], options: dict[str, Any], faults: int
    ) -> None:
        reference, since = options["case"], options["since"]
        scope = "case" if reference else "since" if since else "all"
        try:
            register.enter(
                EntryKind.VERIFIED,
                by=None,
                at=timezone.now(),
                case=cases.get() if reference else None,
                facts={"scope": scope, "since": since, "found": faults},
                texts=operator(),
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
