"""Place the states of a procedure on a grid, and decide which arrows to draw.

The grid reads from top to bottom. Its first column is the ordinary course of a
case, from where it starts to the end that takes longest to reach; the second holds
the detours; the third the ends. A row holds one state of the first two columns, so
that an arrow to the right never meets a box.
"""

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from workflow.process import BACK, STAY, Move, Process

COURSE, DETOUR, END = range(3)

# A move that leaves from more states than this is told in a note, not drawn.
FEW = 3


@dataclass(frozen=True, slots=True)
class Link:
    """The moves that lead from one state to another, drawn as one arrow."""

    source: str
    target: str
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a state stands."""

    column: int
    row: int


def asides(process: Process) -> frozenset[str]:
    """Return the states that a case leaves for wherever it was before."""
    return frozenset(
        str(state)
        for move in process.moves
        if move.target is BACK
        for state in move.source
    )


def in_order(process: Process, states: Collection[str]) -> list[str]:
    """Sort states as the procedure declares them."""
    return [str(value) for value in process.states.values if value in states]


def running(process: Process) -> list[str]:
    """Return the states that are neither final nor aside."""
    return in_order(process, set(process.states.values) - _apart(process))


def _apart(process: Process) -> frozenset[str]:
    return frozenset(map(str, process.final)) | asides(process)


def stays(move: Move, state: str) -> bool:
    """Tell whether a move leaves a case in the state where it finds it."""
    return move.target is STAY or move.target == state


def is_noted(process: Process, move: Move) -> bool:
    """Tell whether a move is told in a note: its arrows would hide the others."""
    ends = {str(move.target), *map(str, move.source)}
    return len(move.source) > FEW or bool(asides(process) & ends)


def links(process: Process) -> tuple[Link, ...]:
    """Return the arrows to draw, in the order in which the moves are declared."""
    found: dict[tuple[str, str], tuple[Move, ...]] = {}
    for move in process.moves:
        if is_noted(process, move):
            continue
        for source in in_order(process, move.source):
            if not stays(move, source):
                ends = source, str(move.target)
                found[ends] = (*found.get(ends, ()), move)
    return tuple(Link(*ends, moves) for ends, moves in found.items())


def ordinary_course(process: Process) -> list[str]:
    """Return the shortest way to the end that is the farthest from the start."""
    ways = {str(process.initial): [str(process.initial)]}
    queue = deque(ways)
    while queue:
        state = queue.popleft()
        for move in process.moves_from(state):
            target = str(move.target)
            if move.target not in {BACK, STAY} and target not in ways:
                ways[target] = [*ways[state], target]
                queue.append(target)
    ends = [ways[end] for end in in_order(process, process.final) if end in ways]
    return max(ends, key=len, default=[str(process.initial)])


@dataclass(frozen=True)
class Grid:
    """The places of the states of a procedure, and the arrows between them."""

    process: Process
    places: dict[str, Place]
    links: tuple[Link, ...]

    @classmethod
    def of(cls, process: Process) -> "Grid":
        course, drawn = ordinary_course(process), links(process)
        places = {
            state: Place(COURSE if state in course else DETOUR, row)
            for row, state in enumerate(_rows(process, course, drawn))
        }
        return cls(process, places | _ends(process, places), drawn)

    @cached_property
    def rows(self) -> int:
        return 1 + max(place.row for place in self.places.values())

    @cached_property
    def bands(self) -> list[tuple[str, int, int]]:
        """The stages, each with its first and its last row, the ends left out."""
        found: dict[str, list[int]] = {}
        for state, place in self.places.items():
            if place.column != END:
                found.setdefault(self.process.stage_of(state), []).append(place.row)
        return [(stage, rows[0], rows[-1]) for stage, rows in found.items()]

    def is_straight_down(self, link: Link) -> bool:
        """Tell whether an arrow of the first column passes no other state."""
        source, target = self.places[link.source], self.places[link.target]
        top, bottom = sorted((source.row, target.row))
        return source.column == target.column == COURSE and not any(
            place.column == COURSE and top < place.row < bottom
            for place in self.places.values()
        )

    def is_straight_across(self, link: Link) -> bool:
        return self.places[link.source].row == self.places[link.target].row


def _rows(process: Process, course: Sequence[str], drawn: Iterable[Link]) -> list[str]:
    """List the states of the first two columns, from top to bottom.

    A detour follows the state of its own stage that first leads to it.
    """
    stages = list(dict.fromkeys(str(stage) for stage in process.stages.values()))

    def rank(state: str) -> int:
        return stages.index(process.stage_of(state))

    rows = sorted((s for s in course if s not in _apart(process)), key=rank)
    for state in running(process):
        if state in rows:
            continue
        before = [
            rows.index(link.source)
            for link in drawn
            if link.target == state
            and link.source in rows
            and rank(link.source) == rank(state)
        ]
        after = sum(rank(other) <= rank(state) for other in rows)
        rows.insert(before[0] + 1 if before else after, state)
    return rows


def _ends(process: Process, places: dict[str, Place]) -> dict[str, Place]:
    """Place each end beside the states that lead to it, as far as there is room."""
    wished = sorted(
        (_beside(process, places, end), index, end)
        for index, end in enumerate(in_order(process, process.final))
    )
    rows: list[int] = []
    for row, _, _ in wished:
        rows.append(max(row, rows[-1] + 1) if rows else row)
    limit = max(len(places), len(rows))
    for index in reversed(range(len(rows))):
        limit = rows[index] = min(rows[index], limit - 1)
    ends = [end for _, _, end in wished]
    return {end: Place(END, row) for end, row in zip(ends, rows, strict=True)}


def _beside(process: Process, places: dict[str, Place], end: str) -> int:
    rows = sorted(
        places[source].row
        for move in process.moves
        if move.target == end
        for source in map(str, move.source)
        if source in places
    )
    return rows[len(rows) // 2] if rows else 0
