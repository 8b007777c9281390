"""The files of a case as they are given back: named, read, compared."""

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from erbm.cases.chapters import Piece
from erbm.dossiers import names
from erbm.dossiers.packing import CHUNK
from erbm.exchange.queries import Talk

logger = logging.getLogger(__name__)

SAME, OTHER, ABSENT = "conforme", "altérée", "absente de l’espace de stockage"
LEFT_OUT = "laissée de côté à la demande"


@dataclass(slots=True)
class Joined:
    """
    A file of the dossier: where it is in the zip, and what became of it.

    - `verdict`: what is found when it is read, known afterwards only.
    """

    name: str
    title: str
    sha256: str
    size: int
    file: Any = field(repr=False)
    verdict: str = LEFT_OUT

    def is_there(self) -> bool:
        """Tell whether the storage still has it, and remember if it has not."""
        found: bool = self.file.storage.exists(self.file.name)
        if not found:
            logger.error("%s is not in the storage", self.name)
            self.verdict = ABSENT
        return found

    def content(self) -> Iterator[bytes]:
        """Read it, and compare what is read with the digest that was recorded."""
        digest = hashlib.sha256()
        with self.file.open("rb") as source:
            while piece := source.read(CHUNK):
                digest.update(piece)
                yield piece
        self.verdict = SAME if digest.hexdigest() == self.sha256 else OTHER


def of_pieces(pieces: Sequence[Piece], folder: str = "") -> list[Joined]:
    """Name the documents of a case, given as they were joined."""
    return [
        Joined(
            name=f"{folder}pieces/{names.safe(number, one.title, one.filename)}",
            title=one.title,
            sha256=one.sha256,
            size=one.size,
            file=one.file,
        )
        for number, one in enumerate(pieces, 1)
    ]


def of_talks(talks: Sequence[Talk]) -> list[Joined]:
    """Name the files joined to the comments that one may read."""
    attached = [
        one for talk in talks for one in talk.comment.attachments.all() if one.file
    ]
    return [
        Joined(
            name=f"echanges/{names.safe(number, one.filename, one.filename)}",
            title=one.filename,
            sha256=one.sha256,
            size=one.size,
            file=one.file,
        )
        for number, one in enumerate(attached, 1)
    ]
