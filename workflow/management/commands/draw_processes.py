"""Publish every procedure in docs/processes, or tell what is out of date there."""

import difflib
from argparse import ArgumentParser
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from workflow.cases import bound_processes
from workflow.diagrams import svg_of
from workflow.diagrams.page import index_of, page_of
from workflow.journeys import flow_of
from workflow.process import Process


class Command(BaseCommand):
    help = "Publie le schéma et les tableaux de chaque procédure."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "names", nargs="*", help="procédures à publier, toutes par défaut"
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="n’écrit rien, et échoue si la publication n’est pas à jour",
        )
        parser.add_argument(
            "--folder",
            type=Path,
            default=Path(settings.BASE_DIR) / "docs" / "processes",
            help="dossier de la publication",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        folder = Path(options["folder"])
        latest = _latest()
        chosen = _chosen(latest, options["names"])
        shown = [p for p in latest.values() if p in chosen or _page(folder, p).exists()]
        wanted = {folder / "README.md": index_of(shown)}
        for process in chosen:
            steps = flow_of(process.name, process.version).steps()
            wanted[_page(folder, process)] = page_of(process, steps)
            wanted[folder / f"{process.name}.svg"] = svg_of(process)
        published = {*folder.glob("*.md"), *folder.glob("*.svg")}
        surplus = {p for p in published if p.stem not in {*latest, "README"}}
        if options["check"]:
            self._compare(wanted, surplus)
        else:
            self._write(wanted, surplus)

    def _write(self, wanted: dict[Path, str], surplus: set[Path]) -> None:
        for path, text in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        for path in surplus:
            path.unlink()
        self.stdout.write(f"{len(wanted)} fichiers à jour.")

    def _compare(self, wanted: dict[Path, str], surplus: set[Path]) -> None:
        stale = [path for path, text in wanted.items() if _read(path) != text]
        for path in stale:
            self.stdout.writelines(_difference(path, wanted[path]))
        for path in sorted(surplus):
            self.stdout.write(f"{path.name} : plus aucune procédure.")
        if stale or surplus:
            raise CommandError(
                "La publication des procédures n’est pas à jour : relisez les "
                "différences, lancez « manage.py draw_processes » et joignez "
                "docs/processes à votre commit."
            )
        self.stdout.write("La publication des procédures est à jour.")


def _latest() -> dict[str, Process]:
    """Return the latest version of each procedure, by name."""
    return {process.name: process for process in bound_processes()}


def _chosen(latest: Mapping[str, Process], names: Collection[str]) -> list[Process]:
    """Return the procedures that are named, or all of them."""
    if unknown := sorted(set(names) - latest.keys()):
        raise CommandError(f"Procédure inconnue : {', '.join(unknown)}.")
    return [process for name, process in latest.items() if not names or name in names]


def _page(folder: Path, process: Process) -> Path:
    return folder / f"{process.name}.md"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _difference(path: Path, wanted: str) -> Iterator[str]:
    return difflib.unified_diff(
        _read(path).splitlines(keepends=True),
        wanted.splitlines(keepends=True),
        f"{path.name} (publié)",
        f"{path.name} (déclaré)",
    )
