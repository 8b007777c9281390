"""Turn the grid of a procedure into coordinates: boxes, arrows and their words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from textwrap import wrap

from workflow.diagrams.layout import COURSE, DETOUR, END, Grid, Link
from workflow.process import Move, Process

LEFT, MIDDLE, RIGHT = range(3)
"""The gutters in which arrows run up and down: one before each column."""

WIDTH, HEADER, EDGE, LANE = 184, 34, 14, 14
LINE, APART, CHARACTER = 13, 5, 6.2
ROW, GAP, PADDING, ARRIVAL = 46, 26, 18, 14
WRAP, NARROW = 24, 17

Key = Link | tuple[str, bool]
"""What a track of a row is for: an arrow that leaves, or those that arrive."""


@dataclass(frozen=True, slots=True)
class Box:
    """The rectangle of a state."""

    x: float
    y: float
    height: float
    width: float = WIDTH

    @property
    def centre(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Line:
    """A line of words, preceded by the number of a move if it begins one."""

    text: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Words:
    """Lines written from a point, leftwards or rightwards."""

    x: float
    y: float
    lines: tuple[Line, ...]
    leftwards: bool = False


@dataclass(frozen=True, slots=True)
class Arrow:
    """The way of an arrow, and what is written where it leaves."""

    link: Link
    points: tuple[tuple[float, float], ...]
    words: Words


def numbered(process: Process, moves: Iterable[Move], width: int) -> tuple[Line, ...]:
    """Write moves in lines of some characters, each numbered as it is declared."""
    return tuple(
        Line(text, process.moves.index(move) + 1 if first else 0)
        for move in moves
        for first, text in zip(
            [True, *[False] * len(move.label)], wrap(move.label, width), strict=False
        )
    )


def height_of(lines: Iterable[Line]) -> int:
    """Return the height of lines, the moves a little apart from one another."""
    return sum(LINE + (APART if line.number else 0) for line in lines)


class Sketch:
    """Where everything stands in the picture of a procedure.

    `heights` are the least heights of the boxes. In each row, everything that
    leaves or arrives on one side of the first column has a track of its own; in
    each gutter, arrows to the same state share a lane and other arrows avoid it.
    """

    def __init__(self, grid: Grid, heights: Mapping[str, float]) -> None:
        self.grid, self.process = grid, grid.process
        self._least = heights
        self._winding = [link for link in grid.links if not grid.is_straight_down(link)]
        self._tracks = {
            (row, is_left): list(self._track_heights(row, is_left=is_left))
            for row in range(grid.rows)
            for is_left in (True, False)
        }

    def box(self, state: str) -> Box:
        place = self.grid.places[state]
        return Box(
            self.columns[place.column], self.tops[place.row], self.heights[place.row]
        )

    def arrows(self) -> Iterator[Arrow]:
        for link in self.grid.links:
            straight = self.grid.is_straight_down(link)
            yield self._down(link) if straight else self._across(link)

    def bands(self) -> Iterator[tuple[str, float, float]]:
        """Return the stages, each with where its band begins and ends."""
        top = 0.0
        for stage, _, last in self.grid.bands:
            bottom = self.tops[last] + self.heights[last]
            bottom += self._gaps[last] / 2 if last + 1 < self.grid.rows else PADDING
            yield stage, top, bottom
            top = bottom

    @property
    def bottom(self) -> float:
        return self.tops[-1] + self.heights[-1] + PADDING

    # What an arrow does.

    def _gutter(self, link: Link) -> int:
        columns = {self.grid.places[end].column for end in (link.source, link.target)}
        return LEFT if columns == {COURSE} else RIGHT if END in columns else MIDDLE

    def _leaves_left(self, link: Link) -> bool:
        return self.grid.places[link.source].column == self._gutter(link)

    def _arrival(self, link: Link) -> Key:
        """Return the track that an arrow shares with all those to the same side."""
        is_left = self.grid.places[link.target].column == self._gutter(link)
        level = (
            other
            for other in self._winding
            if other.target == link.target
            and self.grid.is_straight_across(other)
            and is_left
        )
        return next(level, (link.target, is_left))

    def _lines(self, link: Link) -> tuple[Line, ...]:
        is_narrow = self._leaves_left(link) and not self.grid.is_straight_down(link)
        return numbered(self.process, link.moves, NARROW if is_narrow else WRAP)

    # From top to bottom.

    def _track_heights(self, row: int, *, is_left: bool) -> Iterator[tuple[Key, float]]:
        """Order the tracks of one side of a row: from above, level, from below."""
        found: dict[Key, tuple[int, float]] = {}
        for link in self._winding:
            if (self._gutter(link) == LEFT) is not is_left:
                continue
            source, target = (
                self.grid.places[e].row for e in (link.source, link.target)
            )
            if source == row:
                found[link] = target - row, height_of(self._lines(link)) + 4
            elif target == row:
                found.setdefault(self._arrival(link), (source - row, ARRIVAL))
        for key, (_, height) in sorted(found.items(), key=lambda item: item[1][0]):
            yield key, height

    @cached_property
    def heights(self) -> list[float]:
        """The height of each row."""
        found = [float(ROW)] * self.grid.rows
        for (row, _), tracks in self._tracks.items():
            found[row] = max(found[row], 10 + sum(height for _, height in tracks))
        for state, place in self.grid.places.items():
            found[place.row] = max(found[place.row], self._least[state])
        return found

    @cached_property
    def _gaps(self) -> list[float]:
        gaps = [float(GAP)] * self.grid.rows
        for _, first, _ in self.grid.bands[1:]:
            gaps[first - 1] = 2 * PADDING
        for link in self.grid.links:
            if self.grid.is_straight_down(link):
                row = self._row_above_words(link)
                gaps[row] = max(gaps[row], height_of(self._lines(link)) + 12)
        return gaps

    def _row_above_words(self, link: Link) -> int:
        source, target = (self.grid.places[e].row for e in (link.source, link.target))
        return source if source < target else source - 1

    @cached_property
    def tops(self) -> list[float]:
        """Where each row begins."""
        tops = [float(PADDING)]
        for height, gap in zip(self.heights[:-1], self._gaps[:-1], strict=True):
            tops.append(tops[-1] + height + gap)
        return tops

    def _track(self, row: int, key: Key, *, is_left: bool) -> float:
        tracks = self._tracks[row, is_left]
        y = self.tops[row] + (self.heights[row] - sum(h for _, h in tracks)) / 2
        for other, height in tracks:
            y += height
            if other == key:
                break
        return y if isinstance(key, Link) else y - ARRIVAL / 2

    # From left to right.

    @cached_property
    def _lanes(self) -> dict[tuple[int, str], int]:
        """Give the arrows to one state, in one gutter, the first lane that is free."""
        spans: dict[tuple[int, str], list[int]] = {}
        for link in self._winding:
            if not self.grid.is_straight_across(link):
                rows = (self.grid.places[e].row for e in (link.source, link.target))
                spans.setdefault((self._gutter(link), link.target), []).extend(rows)
        taken: dict[tuple[int, str], int] = {}
        for key in sorted(spans, key=lambda key: max(spans[key]) - min(spans[key])):
            busy = {
                lane
                for other, lane in taken.items()
                if other[0] == key[0]
                and min(spans[other]) <= max(spans[key])
                and min(spans[key]) <= max(spans[other])
            }
            taken[key] = next(lane for lane in range(len(spans)) if lane not in busy)
        return taken

    def _lane_room(self, gutter: int) -> float:
        lanes = [lane for (other, _), lane in self._lanes.items() if other == gutter]
        return LANE * (max(lanes) + 1) if lanes else 0

    def _words_room(self, column: int, *, leftwards: bool) -> float:
        """Return the room that words need on one side of a column."""
        sizes = [float(EDGE)]
        for link in self.grid.links:
            if self.grid.places[link.source].column != column:
                continue
            straight = self.grid.is_straight_down(link)
            if leftwards is (
                self._is_up(link) if straight else self._leaves_left(link)
            ):
                longest = max(len(line.text) for line in self._lines(link))
                sizes.append(30 + CHARACTER * longest - (WIDTH / 2 - 26) * straight)
        return max(sizes)

    @cached_property
    def columns(self) -> list[float]:
        """Where each column begins."""
        course = HEADER + EDGE + self._lane_room(LEFT)
        course += self._words_room(COURSE, leftwards=True)
        detour = self._after(course, COURSE) + self._lane_room(MIDDLE)
        detour += self._words_room(DETOUR, leftwards=True)
        end = self._after(detour, DETOUR) + self._lane_room(RIGHT)
        level = self._words_room(DETOUR, leftwards=False)
        end += max(level, self._words_room(END, leftwards=True))
        return [course, detour, end]

    def _after(self, start: float, column: int) -> float:
        """Return where the lanes that follow a column begin."""
        if column == COURSE:
            return start + WIDTH + self._words_room(COURSE, leftwards=False) + EDGE
        places = self.grid.places.values()
        return start + EDGE + (WIDTH + EDGE) * any(p.column == DETOUR for p in places)

    def _lane(self, link: Link) -> float:
        gutter = self._gutter(link)
        lane = LANE * self._lanes[gutter, link.target]
        if gutter == LEFT:
            room = self._words_room(COURSE, leftwards=True)
            return self.columns[COURSE] - room - lane
        return self._after(self.columns[gutter - 1], gutter - 1) + lane

    # The two shapes of an arrow.

    def _is_up(self, link: Link) -> bool:
        return self.grid.places[link.source].row > self.grid.places[link.target].row

    def _down(self, link: Link) -> Arrow:
        """Draw an arrow within the first column, its words in the gap it leaves by."""
        source, target = self.box(link.source), self.box(link.target)
        is_up = self._is_up(link)
        ends = {(other.source, other.target) for other in self.grid.links}
        shift = 22 if (link.target, link.source) in ends else 0
        x = source.centre[0] + (-shift if is_up else shift)
        y1, y2 = (source.y, target.bottom) if is_up else (source.bottom, target.y)
        row, lines = self._row_above_words(link), self._lines(link)
        slack = self._gaps[row] - height_of(lines)
        y = self.tops[row] + self.heights[row] + slack / 2
        words = Words(x + (-8 if is_up else 8), y, lines, is_up)
        return Arrow(link, ((x, y1), (x, y2)), words)

    def _across(self, link: Link) -> Arrow:
        """Draw an arrow that leaves by a side, its words above its first stretch."""
        source, target = self.box(link.source), self.box(link.target)
        is_left, leaves_left = self._gutter(link) == LEFT, self._leaves_left(link)
        x = source.x if leaves_left else source.right
        rows = [self.grid.places[end].row for end in (link.source, link.target)]
        y, lines = self._track(rows[0], link, is_left=is_left), self._lines(link)
        top = y - height_of(lines) - 4
        start = x + (-6 if leaves_left else 6)
        if self.grid.places[link.source].column == DETOUR and not leaves_left:
            start = self._after(self.columns[DETOUR], DETOUR) + self._lane_room(RIGHT)
        words = Words(start, top, lines, leaves_left)
        arrival = self._arrival(link)
        arrives_left = self.grid.places[link.target].column == self._gutter(link)
        end = target.x if arrives_left else target.right
        if self.grid.is_straight_across(link):
            return Arrow(link, ((x, y), (end, y)), words)
        lane, last = self._lane(link), self._track(rows[1], arrival, is_left=is_left)
        return Arrow(link, ((x, y), (lane, y), (lane, last), (end, last)), words)
