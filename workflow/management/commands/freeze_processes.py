"""Write down the digest of every version declared, and refuse that one changes."""

import hashlib
import json
from argparse import ArgumentParser
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import rfc8785
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from workflow.cases import bound_processes
from workflow.journeys import CaseFlow, Step, flow_of

Frozen = Mapping[str, Mapping[str, str]]
"""For each version, the digest of its lifecycle and that of its journey."""


class Command(BaseCommand):
    help = (
        "Fige l’empreinte de chaque version des procédures : une version figée ne "
        "change plus, on en déclare une autre."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "names", nargs="*", help="procédures à figer, toutes par défaut"
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="n’écrit rien, et échoue si une version a changé ou n’est pas figée",
        )
        parser.add_argument(
            "--again",
            action="store_true",
            help="fige à nouveau ce qui a changé : avant la mise en service seulement",
        )
        parser.add_argument(
            "--file",
            type=Path,
            default=Path(settings.BASE_DIR) / "docs" / "processes" / "frozen.json",
            help="fichier des empreintes",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path, names = Path(options["file"]), options["names"]
        frozen, declared = _read(path), _declared(names)
        faults = list(_faults(_only(frozen, names), declared))
        if options["check"]:
            loose = sorted(declared.keys() - frozen)
            faults += [f"{version} n’est pas figée." for version in loose]
        if faults and not options["again"]:
            raise CommandError("\n".join([*faults, _REMEDY]))
        if options["check"]:
            self.stdout.write("Les versions sont telles qu’elles ont été figées.")
            return
        kept = {v: frozen[v] for v in frozen if v not in _only(frozen, names)}
        text = json.dumps(kept | declared, indent=2, sort_keys=True)
        path.write_text(f"{text}\n", encoding="utf-8")
        self.stdout.write(f"{len(declared)} versions figées.")


_REMEDY = (
    "Un dossier garde les règles de la version qu’il suit : déclarez une nouvelle "
    "version à côté (CONTRIBUTING.md, « A new version of a procedure »), puis lancez "
    "« manage.py freeze_processes ». Tant que rien n’est en service, "
    "« manage.py freeze_processes --again » fige la déclaration telle qu’elle est."
)


def _declared(names: Collection[str]) -> dict[str, dict[str, str]]:
    processes = bound_processes()
    if unknown := sorted(set(names) - {process.name for process in processes}):
        raise CommandError(f"Procédure inconnue : {', '.join(unknown)}.")
    return {
        f"{process.name} v{process.version}": {
            "lifecycle": process.digest,
            "journey": _digest_of(flow_of(process.name, process.version)),
        }
        for process in processes
        if not names or process.name in names
    }


def _digest_of(flow: type[CaseFlow]) -> str:
    """Return the SHA-256 of what the steps of a journey declare, in hexadecimal."""
    declared = [_declaration_of(step) for step in flow.steps()]
    return hashlib.sha256(rfc8785.dumps(declared)).hexdigest()


def _declaration_of(step: Step) -> dict[str, Any]:
    return {
        "name": step.name,
        "nature": type(step).__name__,
        "waits_in": sorted(step.waits_in),
        "asks": step.asks,
        "title": step.task_title,
        "offers": [move.name for move in step.offers],
        "due": str(step.due) if step.due else None,
        "since": step.since.name,
        "ladder": [[rung.place, rung.whom] for rung in step.ladder],
        "clock": sorted(step.clock),
        "terms": getattr(step, "terms", ""),
        "countersigns": step.countersigns.name if step.countersigns else None,
    }


def _faults(frozen: Frozen, declared: Frozen) -> Iterator[str]:
    for version, digests in frozen.items():
        if version not in declared:
            yield f"{version} est figée, mais plus rien ne la déclare."
            continue
        for part, digest in digests.items():
            if declared[version].get(part) != digest:
                yield f"{version} a changé depuis qu’elle est figée : {_PARTS[part]}."


_PARTS = {"lifecycle": "états, gestes ou rôles", "journey": "demandes"}


def _only(frozen: Frozen, names: Collection[str]) -> Frozen:
    """Keep what is frozen of some procedures, or all if none is named."""
    return {v: d for v, d in frozen.items() if not names or v.split()[0] in names}


def _read(path: Path) -> dict[str, dict[str, str]]:
    if not path.exists():
        return {}
    found: dict[str, dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return found
