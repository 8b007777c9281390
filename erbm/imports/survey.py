"""Read a whole file before anything is written: a file that breaks changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from erbm.imports import grants
from erbm.imports.grants import Grant, Rejection
from erbm.imports.placing import Gazetteer, Placed


@dataclass
class Survey:
    """The rows of a file: in the programme, out of it, or unusable."""

    inside: list[Placed] = field(default_factory=list)
    outside: list[Placed] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)

    def add(self, found: Placed | Rejection) -> None:
        if isinstance(found, Rejection):
            self.rejected.append(found)
        elif found.outside:
            self.outside.append(found)
        else:
            self.inside.append(found)


def survey(path: Path, progress: Callable[[int], object]) -> Survey:
    """
    Read and place every row of a file.

    :raises UnreadableFile: if the file as a whole cannot be read
    :raises Jurisdiction.DoesNotExist: if the reference data is not loaded
    """
    gazetteer = Gazetteer.load()
    found = Survey()
    for row in grants.read(path):
        found.add(gazetteer.place(row) if isinstance(row, Grant) else row)
        progress(1)
    return found
