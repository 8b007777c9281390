"""What an import says at the end: how many of each, and each row left aside, why."""

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from erbm.imports.grants import Rejection
from erbm.imports.placing import Placed
from erbm.words import count

HEADERS = ("ligne", "identifiant", "sort", "motif")
# A spreadsheet takes what begins with one of these for a formula.
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass
class Report:
    """
    What became of each row of a file.

    - `differing`: already imported, with other amounts than the file.
    """

    created: int = 0
    unchanged: int = 0
    differing: list[Placed] = field(default_factory=list)
    outside: list[Placed] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)

    def summary(self) -> str:
        counts = (
            ("créés", self.created),
            ("déjà importés", self.unchanged),
            ("déjà importés, différents du fichier", len(self.differing)),
            ("hors périmètre", len(self.outside)),
            ("rejetés", len(self.rejected)),
        )
        return "\n".join(f"{label} : {count(number)}" for label, number in counts)

    def why_outside(self) -> Counter[str]:
        return Counter(placed.outside for placed in self.outside)

    def refusals(self) -> Iterator[tuple[int, str, str]]:
        for rejection in self.rejected:
            yield rejection.line, rejection.source_id, " ".join(rejection.reasons)


def rows(report: Report) -> Iterator[tuple[int, str, str, str]]:
    """Yield the rows left aside, in the order of the file within each kind."""
    for line, source_id, reasons in report.refusals():
        yield line, source_id, "rejeté", reasons
    for kind, several in (
        ("hors périmètre", report.outside),
        ("déjà importé", report.differing),
    ):
        for placed in several:
            reason = (
                placed.outside
                or "Le fichier et le registre diffèrent ; rien n’est changé."
            )
            yield placed.grant.line, placed.grant.source_id, kind, reason


def write(report: Report, path: Path) -> None:
    """Write the rows left aside for a spreadsheet, which must take nothing for code."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADERS)
        for line, *texts in rows(report):
            writer.writerow([line, *map(harmless, texts)])


def harmless(text: str) -> str:
    """Keep a spreadsheet from computing a text."""
    return f"'{text}" if text.lstrip().startswith(FORMULAS) else text
