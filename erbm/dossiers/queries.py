"""What a person may read of a case at one moment: all of it, for its dossier."""

import dataclasses
import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from erbm.cases import journal, rooms
from erbm.cases.chapters import Piece
from erbm.cases.rooms import Room
from erbm.cases.sheets import CaseSheet
from erbm.dossiers import files
from erbm.dossiers.files import Joined
from erbm.exchange.queries import Talk, talks
from erbm.operations.models import Operation
from erbm.operations.room import OPERATIONS
from workflow import outbox
from workflow.models import Membership
from workflow.trail import receipts, verify
from workflow.trail.receipts import Receipt

LARGEST = 500 * 1024 * 1024
"""Of the files of a dossier together: beyond, each is taken from the page."""


@dataclass(frozen=True)
class Dossier:
    """
    A case, its comments and its files, as one person may read them.

    - `with_files`: whether the files themselves go out, or their index alone;
    - `folder`: where it is in the zip, when it goes along with another.
    """

    sheet: CaseSheet
    held: Sequence[Membership]
    by: Any
    at: datetime.datetime
    with_files: bool = True
    folder: str = ""

    @property
    def room(self) -> Room:
        """Where the cases of its procedure are shown, and what they have to tell."""
        return rooms.room_of(self.sheet.case.process)

    @property
    def reference(self) -> str:
        return self.sheet.case.reference

    @cached_property
    def talks(self) -> list[Talk]:
        """The comments that the person may read, the oldest first."""
        return talks(self.sheet.case, by=self.by, held=self.held)[::-1]

    @cached_property
    def pieces(self) -> Sequence[Piece]:
        """The documents in the order in which they were joined."""
        return self.room.chapters.pieces(self.sheet)

    @cached_property
    def documents(self) -> list[Joined]:
        return files.of_pieces(self.pieces, self.folder)

    @cached_property
    def attachments(self) -> list[Joined]:
        return files.of_talks(self.talks)

    @cached_property
    def related(self) -> "list[Dossier]":
        """The cases about an operation that the person may know of, room by room."""
        if self.room is not OPERATIONS:
            return []
        pk = self.sheet.case.pk
        return [
            self._of(room, subject)
            for room in rooms.rooms()
            if room.about is not None and room is not OPERATIONS
            for subject in room.visible(self.held)
            .filter(pk__in=room.about(Operation.objects.filter(pk=pk)).values("pk"))
            .order_by("pk")
        ]

    def _of(self, room: Room, subject: Any) -> "Dossier":
        sheet = room.sheet(subject, by=self.by, held=self.held, at=self.at)
        return dataclasses.replace(
            self, sheet=sheet, folder=f"lies/{subject.case.reference}/"
        )

    @cached_property
    def along(self) -> "list[Dossier]":
        """Those of them whose journal, files and proof go with this dossier."""
        return [one for one in self.related if one.room.chapters.goes_along]

    @property
    def files(self) -> list[Joined]:
        beside = [file for one in self.along for file in one.documents]
        return [*self.documents, *self.attachments, *beside]

    @property
    def size(self) -> int:
        """How much the files weigh together, in bytes."""
        return sum(one.size for one in self.files)

    @property
    def is_too_large(self) -> bool:
        return self.with_files and self.size > LARGEST

    @cached_property
    def lines(self) -> list[journal.Line]:
        """The journal from its beginning."""
        return self.sheet.lines[::-1]

    @property
    def decisions(self) -> list[journal.Line]:
        """The moves and the signatures, which are what was decided."""
        made = {
            event.seq
            for event in self.sheet.events
            if event.kind in {outbox.MOVED, outbox.SIGNED}
        }
        return [line for line in self.lines if line.seq in made]

    @cached_property
    def receipts(self) -> dict[int, Receipt]:
        """The receipt of each event, by its number."""
        return receipts.of_case(self.sheet.case)

    @property
    def receipt(self) -> Receipt:
        """That of the latest event, which binds all those before it."""
        return self.receipts[self.sheet.case.latest_seq]

    @cached_property
    def problems(self) -> list[str]:
        """What is wrong with the trail of the case."""
        return verify.problems_of(self.sheet.case)
