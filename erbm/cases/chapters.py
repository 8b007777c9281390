"""What the dossier of a case tells beside its journal: what its domain alone knows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from erbm import words
from erbm.printing import Document, Facts, Section
from erbm.tables import Table
from flows.stages import Stage


@dataclass(frozen=True, slots=True)
class Piece:
    """
    A file of a case, as it was joined.

    - `about`: what it is, when it came and from whom, in a few words.
    """

    title: str
    filename: str
    about: str
    sha256: str
    size: int
    file: Any = field(repr=False)


class Chapters:
    """
    The chapters of a domain; these say nothing more than any case does.

    Each is given the sheet of the case, as the person who takes the dossier sees it.

    - `summary`: what the synthesis holds, for the page that offers the dossier;
    - `annex`: the tables that are its own, likewise;
    - `goes_along`: its journal, its files and its proof go with the dossier of the case
      that it is about.
    """

    summary = "état, étapes"
    annex: Sequence[str] = ()
    goes_along = True

    def essentials(self, sheet: Any) -> Iterator[tuple[str, str]]:
        """Name what one must know first, beside what every case has."""
        return iter(())

    def beside(self, sheet: Any, case: Any) -> Iterator[tuple[str, str]]:
        """Name what the dossier of a case that it is about says of it."""
        return self.essentials(sheet)

    def sections(self, sheet: Any) -> Iterator[Section]:
        """Say what comes between the essential and the decisions."""
        if entered := list(stages(sheet)):
            yield Section("Étapes", [Facts(entered)])

    def tables(self, sheet: Any) -> Iterator[Table]:
        """Give the same as tables, those of the journal and of the files apart."""
        return iter(())

    def pieces(self, sheet: Any) -> Sequence[Piece]:
        """Return the files of the case, in the order in which they were joined."""
        return ()

    def papers(self, sheet: Any) -> Iterator[tuple[str, Document]]:
        """Write the papers of the case, each under the name of its file."""
        return iter(())


def stages(sheet: Any) -> Iterator[tuple[str, str]]:
    """Say on which day each stage was entered."""
    for stage, day in sheet.entered.items():
        yield f"Étape «{words.FIXED}{Stage(stage).label}{words.FIXED}»", words.day(day)
