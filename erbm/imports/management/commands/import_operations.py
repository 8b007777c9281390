"""Import files of grants, published or asked for, as subsidised projects."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from erbm.accounts.models import User
from erbm.imports import commands, progress, report
from erbm.imports.placing import Placed
from erbm.imports.queries import Outcome, sort_out
from erbm.imports.report import Report
from erbm.imports.sheets import UnreadableFile
from erbm.imports.survey import Survey, survey
from workflow.models import Jurisdiction
from workflow.opening import NobodyCompetent

TECHNICAL_ACCOUNT = "import@erbm.invalid"


class Command(BaseCommand):
    help = (
        "Importe le fichier des projets DETR, DSIL et DSID (.xlsx, .ods ou .csv), ou "
        "l’export des dossiers d’une démarche de Démarche numérique (.json). "
        "Un projet déjà importé n’est ni recréé ni modifié."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FICHIER")
        parser.add_argument(
            "--dry-run", action="store_true", help="dit ce qui serait fait, et s’arrête"
        )
        parser.add_argument(
            "--all-territories",
            action="store_true",
            help="importe aussi ce qui est hors des quatre arrondissements et des "
            "huit EPCI",
        )
        parser.add_argument(
            "--by",
            metavar="ADRESSE",
            help="la personne qui importe ; à défaut, un compte technique",
        )
        parser.add_argument(
            "--report",
            type=Path,
            metavar="CSV",
            help="écrit dans ce fichier les lignes laissées de côté, et pourquoi",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        by = _author(options["by"])
        _check_writable(options["report"])
        found = self._survey(options["file"])
        rows = list(found.inside)
        if options["all_territories"]:
            rows += found.outside
            found.outside.clear()
        if options["dry_run"]:
            outcome = sort_out(rows)
        else:
            outcome = self._import(rows, by or _technical_account())
        self._tell(_report(found, outcome), options["report"])
        if options["dry_run"]:
            self.stdout.write("Essai : rien n’a été enregistré.")

    def _survey(self, path: Path) -> Survey:
        with progress.shown(self.stderr, "Lecture") as advance:
            try:
                return survey(path, advance)
            except UnreadableFile as error:
                raise CommandError(f"{error} Rien n’a été importé.") from error
            except Jurisdiction.DoesNotExist as error:
                raise CommandError(
                    "Les données de référence manquent : lancez d’abord load_reference."
                ) from error

    def _import(self, rows: list[Placed], by: User) -> Outcome:
        shown = progress.shown(self.stderr, "Import", len(rows))
        with shown as advance, _rows_left_alone():
            try:
                return commands.import_rows(
                    rows=rows, by=by, at=timezone.now(), progress=advance
                )
            except NobodyCompetent as error:
                raise CommandError(
                    f"Aucune unité compétente ({error}). Rien n’a été importé."
                ) from error
            except DatabaseError as error:
                raise CommandError(
                    "La base a refusé l’import ; un autre est peut-être en cours. "
                    f"Rien n’a été importé. ({error})"
                ) from error

    def _tell(self, made: Report, path: Path | None) -> None:
        self.stdout.write(made.summary())
        for reason, number in made.why_outside().most_common():
            self.stdout.write(f"  {number} hors périmètre : {reason}")
        for line, source_id, reasons in made.refusals():
            self.stdout.write(f"  ligne {line} ({source_id}) : {reasons}")
        if path is not None:
            report.write(made, path)
            self.stdout.write(f"Rapport : {path}")


def _check_writable(path: Path | None) -> None:
    """Find out before the import, not after it, that its report cannot be kept."""
    try:
        if path is not None:
            path.touch()
    except OSError as error:
        raise CommandError(f"Le rapport ne peut être écrit dans {path}.") from error


@contextmanager
def _rows_left_alone() -> Iterator[None]:
    """Spare the garbage collector the rows of the file, which live to the end.

    Walking through them again and again takes half of the time of a large import.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _author(email: str | None) -> User | None:
    """Find who imports before the file is read, not after."""
    if email is None:
        return None
    try:
        return User.objects.get_by_natural_key(email)
    except User.DoesNotExist as error:
        raise CommandError(f"Personne n’a l’adresse {email}.") from error


def _technical_account() -> User:
    """Return the account in whose name files are imported; nobody signs in with it."""
    account = User.objects.filter(email=TECHNICAL_ACCOUNT).first()
    return account or User.objects.create_user(
        TECHNICAL_ACCOUNT, first_name="Import", last_name="de fichiers", is_active=False
    )


def _report(found: Survey, outcome: Outcome) -> Report:
    return Report(
        created=len(outcome.new),
        unchanged=len(outcome.known),
        differing=outcome.differing,
        outside=found.outside,
        rejected=found.rejected,
    )
