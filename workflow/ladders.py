"""Who is told that a task is due soon, or late, and when: the rungs of a ladder."""

import datetime
import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workflow.calendars import Closed
from workflow.deadlines import LOCAL, Days, WorkingDays, local_day

MORNING = datetime.time(8)
"""When a rung rings: no change of hour ever skips or repeats it."""


class Whom(enum.Enum):
    """Whom a rung tells, when it is not a role of the procedure."""

    ASKED = "l’unité sollicitée"
    HEAD = "le responsable de l’unité"


@dataclass(frozen=True, slots=True)
class Rung:
    """
    One warning about a task, that is given once.

    - `offset`: how far from the due day: below zero, before it;
    - `tells`: whom, or the role in the case of the units that are told.
    """

    offset: Days | WorkingDays
    tells: Whom | str

    @property
    def place(self) -> str:
        """Say when it rings, as one reads it in a table: J−5, J, J+5."""
        count = self.offset.count
        if count == 0:
            return "J"
        sign = "+" if count > 0 else "−"
        unit = " ouvrés" if isinstance(self.offset, WorkingDays) else ""
        return f"J{sign}{abs(count)}{unit}"

    @property
    def whom(self) -> str:
        """Name whom it tells, for the trail and the declaration."""
        return self.tells.name if isinstance(self.tells, Whom) else str(self.tells)

    def rings_at(
        self, due_at: datetime.datetime, closed: Closed = ()
    ) -> datetime.datetime:
        """Return the moment at which it rings for a task due at some moment."""
        day = self.offset.after(local_day(due_at), closed)
        moment = datetime.datetime.combine(day, MORNING, tzinfo=LOCAL)
        return moment.astimezone(datetime.UTC)


Ladder = Sequence[Rung]


def first_rung(
    ladder: Ladder,
    due_at: datetime.datetime | None,
    asked_at: datetime.datetime,
    closed: Closed = (),
) -> int:
    """Return the rung on which a task that is asked begins: those before are past."""
    if due_at is None:
        return 0
    return sum(rung.rings_at(due_at, closed) <= asked_at for rung in ladder)


def next_ring(
    ladder: Ladder, rung: int, due_at: datetime.datetime | None, closed: Closed = ()
) -> datetime.datetime | None:
    """Return when a rung rings; never, past the last one or if nothing is due."""
    if due_at is None or rung >= len(ladder):
        return None
    return ladder[rung].rings_at(due_at, closed)


def contradictions(ladder: Ladder, roles: Sequence[str]) -> Iterator[str]:
    """Find what cannot be true of a ladder, in words."""
    if len({type(rung.offset) for rung in ladder}) > 1:
        yield "son échelle compte en jours ouvrés et en jours calendaires."
    counts = [rung.offset.count for rung in ladder]
    if counts != sorted(set(counts)):
        yield "les échelons de son échelle ne se suivent pas."
    for rung in ladder:
        if not isinstance(rung.tells, Whom) and str(rung.tells) not in roles:
            yield f"son échelle prévient un rôle inconnu : {rung.tells}."
