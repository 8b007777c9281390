"""Write the picture of a procedure as SVG, which any page may show as it is.

It carries no style, so that a strict content security policy lets it pass: its
classes are for a style sheet, and its attributes are how it looks alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise
from textwrap import wrap

from django.utils.safestring import SafeString

from workflow.diagrams import words
from workflow.diagrams.geometry import (
    APART,
    EDGE,
    HEADER,
    LINE,
    WIDTH,
    Arrow,
    Box,
    Line,
    Sketch,
    Words,
    height_of,
    numbered,
)
from workflow.diagrams.layout import COURSE, END, Grid, asides, is_noted, stays
from workflow.process import Process

INK, SLATE, GREY, RULE, PALE, PAPER = (
    "#161616",
    "#24475c",
    "#5a5a5a",
    "#c8d5dd",
    "#f3f6f8",
    "#ffffff",
)
FILLS = {"passed": "#dde6ec", "waiting": "#e3edf7", "late": "#fde4dc"}
FONT = "Arial, Liberation Sans, Helvetica, sans-serif"
TITLE, TITLE_WIDTH, INSIDE = 18, 21, 25
ASIDE, LEGEND = 90, 28


@dataclass(frozen=True, slots=True)
class Count:
    """How many cases are in a state, and how many of them are late."""

    waiting: int
    overdue: int = 0

    def __str__(self) -> str:
        cases = f"{self.waiting} dossier{'s' if self.waiting > 1 else ''}"
        return f"{cases}, dont {self.overdue} en retard" if self.overdue else cases


@dataclass(frozen=True)
class Focus:
    """What to bring out: where one case is and was, or how many cases are where."""

    current: str = ""
    path: Sequence[str] = ()
    counts: Mapping[str, Count] = field(default_factory=dict)

    def took(self, arrow: Arrow) -> bool:
        """Tell whether the case went along an arrow."""
        stops = [*self.path, self.current]
        return (arrow.link.source, arrow.link.target) in pairwise(stops)

    def status(self, state: str) -> str:
        here = "état actuel" if state == self.current else ""
        return str(self.counts[state]) if state in self.counts else here

    def css(self, state: str) -> str:
        if state == self.current:
            return "state state--current"
        if state in self.counts:
            late = self.counts[state].overdue
            return "state state--late" if late else "state state--waiting"
        return "state state--passed" if state in self.path else "state"


@dataclass(frozen=True)
class Card:
    """What is written in the box of a state."""

    title: tuple[str, ...]
    status: str
    lines: tuple[Line, ...]

    @classmethod
    def of(cls, process: Process, state: str, focus: Focus) -> "Card":
        is_passed = state in focus.path and state != focus.current
        title = ("✓ " if is_passed else "") + process.state_label(state)
        return cls(
            title=tuple(wrap(title, TITLE_WIDTH)),
            status=focus.status(state),
            lines=tuple(_inside(process, state)),
        )

    @property
    def height(self) -> float:
        status = LINE if self.status else 0
        return TITLE * len(self.title) + status + height_of(self.lines) + 14


def _inside(process: Process, state: str) -> Iterator[Line]:
    """Write the moves that stay in a state, and those told in a note at their end."""
    for move in process.moves_from(state):
        if stays(move, state):
            yield from numbered(process, [move], INSIDE)
    if state in asides(process):
        return
    for move in process.moves:
        if move.target == state and is_noted(process, move):
            yield from numbered(process, [move], INSIDE)
            yield Line(words.origins(process, move))


def svg_of(process: Process, focus: Focus | None = None) -> SafeString:
    """Return the picture of a procedure, from top to bottom, stage by stage."""
    focus = focus or Focus()
    grid = Grid.of(process)
    cards = {state: Card.of(process, state, focus) for state in process.states.values}
    sketch = Sketch(grid, {state: card.height for state, card in cards.items()})
    width = sketch.columns[END] + WIDTH + EDGE + HEADER
    # The way that was taken is drawn over the others.
    arrows = sorted(sketch.arrows(), key=focus.took)
    parts = [
        *_bands(sketch, width),
        *(_way(arrow, took=focus.took(arrow)) for arrow in arrows),
        _start(sketch.box(str(process.initial))),
        *(
            _state(process, state, sketch.box(state), cards[state], focus)
            for state in grid.places
        ),
        *(_written(arrow.words) for arrow in arrows),
        *(
            chip
            for state in grid.places
            for chip in _chips(process, state, sketch.box(state))
        ),
    ]
    bottom = sketch.bottom
    for state in sorted(asides(process)):
        lines = _told(process, state)
        strip = Box(0, bottom, max(ASIDE, height_of(lines) + 2 * EDGE), width)
        box = Box(sketch.columns[COURSE], bottom + EDGE, strip.height - 2 * EDGE)
        parts += [
            _rect("band", strip, fill=PALE, stroke=RULE),
            _state(process, state, box, cards[state], focus),
            _written(Words(box.right + 12, _centring(strip, lines), lines)),
        ]
        bottom = strip.bottom
    parts.append(_text(_LEGEND, "legend", HEADER, bottom + 18, fill=GREY))
    return _document(process, focus, (width, bottom + LEGEND), parts)


_LEGEND = (
    "Les numéros sont ceux du tableau des gestes. Numéro sur un bord : le geste part "
    "aussi de cet état, sans flèche. Double cadre : état final."
)


def _document(
    process: Process, focus: Focus, size: tuple[float, float], parts: Sequence[str]
) -> SafeString:
    name = f"{process.name}-{process.version}"
    width, height = size
    told = (
        "Les étapes se lisent de haut en bas ; le tableau des gestes dit tout en mots."
    )
    if focus.current:
        here = words.quoted(process.state_label(focus.current))
        told = f"Le dossier est à l’état {here}. {told}"
    opening = _tag(
        "svg",
        "",
        xmlns="http://www.w3.org/2000/svg",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        viewBox=f"0 0 {width:g} {height:g}",
        width=width,
        height=height,
        font_family=FONT,
        font_size=12,
    ).replace("/>", ">")
    title = f"Schéma de la procédure {words.quoted(process.title)}"
    return SafeString(
        "\n".join(
            [
                opening,
                f'<title id="{name}-title">{escape(title)}</title>',
                f'<desc id="{name}-desc">{escape(told)}</desc>',
                _tag("rect", "paper", width=width, height=height, fill=PAPER),
                *parts,
                "</svg>\n",
            ]
        )
    )


# Stages and states


def _bands(sketch: Sketch, width: float) -> Iterator[str]:
    """Draw a band for each stage, and on the right one for the ends."""
    process, end = sketch.process, sketch.columns[END] - EDGE
    for stage, top, bottom in sketch.bands():
        box = Box(0, top, bottom - top, end)
        yield _band(box, HEADER / 2, words.stage_label(process, stage))
    box = Box(end, 0, sketch.bottom, width - end)
    yield _band(box, width - HEADER / 2, words.end_label(process))


def _band(box: Box, middle: float, label: str) -> str:
    """Draw a band, with its label along it, in as many lines as it takes."""
    lines = wrap(label, max(int(box.height / 8), 1), break_long_words=False)
    head = Box(middle - HEADER / 2, box.y, box.height, HEADER)
    parts = [
        _rect("band", box, fill=PALE, stroke=RULE),
        _rect("header", head, fill="#dde6ec"),
    ]
    for number, line in enumerate(lines):
        x = middle + 5 + (number - (len(lines) - 1) / 2) * 14
        turned = f"translate({x:g} {box.centre[1]:g}) rotate(-90)"
        parts.append(
            _centred(
                line, "stage", 0, 0, transform=turned, font_size=13, font_weight="bold"
            )
        )
    return "".join(parts)


def _start(box: Box) -> str:
    return _tag("circle", "start", cx=box.centre[0], cy=box.y - 9, r=5, fill=INK)


def _state(process: Process, state: str, box: Box, card: Card, focus: Focus) -> str:
    css = focus.css(state)
    fill = FILLS.get(css.rpartition("--")[2], PAPER)
    line = 3 if css.endswith("current") else 1.5
    parts = [_rect(css, box, rx=6, fill=fill, stroke=SLATE, stroke_width=line)]
    if state in process.final:
        within = Box(box.x + 4, box.y + 4, box.height - 8, box.width - 8)
        parts.append(_rect("end", within, rx=3, fill="none", stroke=SLATE))
    x, y = box.centre[0], box.y + (box.height - card.height) / 2 + 3
    for title in card.title:
        y += TITLE
        parts.append(_centred(title, "name", x, y, font_size=14, font_weight="bold"))
    if card.status:
        y += LINE
        parts.append(_centred(card.status, "status", x, y))
    return "".join([*parts, _written(Words(box.x + 8, y + 1, card.lines), inside=True)])


def _told(process: Process, state: str) -> tuple[Line, ...]:
    """Say of a state that stands apart where it comes from and where it leads."""
    return tuple(
        Line(f"{move.label} : {words.way(process, move, state)}", number)
        for number, move in enumerate(process.moves, 1)
        if state == move.target or state in move.source
    )


def _centring(box: Box, lines: Sequence[Line]) -> float:
    return box.y + (box.height - height_of(lines)) / 2 - 2


def _chips(process: Process, state: str, box: Box) -> Iterator[str]:
    """Pin to a state the numbers of the moves that leave it and have no arrow."""
    x = box.right - 14
    for number, move in enumerate(process.moves, 1):
        if state not in move.source or not is_noted(process, move):
            continue
        if move.target not in asides(process) and not stays(move, state):
            yield _tag(
                "circle", "chip", cx=x, cy=box.bottom, r=8, fill=PAPER, stroke=SLATE
            )
            yield _centred(str(number), "pinned", x, box.bottom + 3.5, font_size=10)
            x -= 20


# Arrows and what is written beside them


def _way(arrow: Arrow, *, took: bool) -> str:
    (x1, y1), (x2, y2) = arrow.points[-2:]
    dx, dy = (x2 > x1) - (x2 < x1), (y2 > y1) - (y2 < y1)
    points = [*arrow.points[:-1], (x2 - 6 * dx, y2 - 6 * dy)]
    head = [
        (x2, y2),
        (x2 - 9 * dx - 4.5 * dy, y2 - 9 * dy - 4.5 * dx),
        (x2 - 9 * dx + 4.5 * dy, y2 - 9 * dy + 4.5 * dx),
    ]
    css, colour = ("arrow arrow--taken", SLATE) if took else ("arrow", GREY)
    line = _tag(
        "polyline",
        css,
        points=_points(points),
        fill="none",
        stroke=colour,
        stroke_width=3 if took else 1.5,
        stroke_linejoin="round",
    )
    return line + _tag("polygon", "head", points=_points(head), fill=colour)


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def _written(written: Words, *, inside: bool = False) -> str:
    """Write lines, with a halo where they may cross an arrow."""
    parts, y, way = [], written.y, -1 if written.leftwards else 1
    anchor = "end" if written.leftwards else "start"
    css, halo = ("inside", "none") if inside else ("words", PALE)
    for line in written.lines:
        y += LINE
        if line.number:
            y += APART
            parts.append(_badge(str(line.number), written.x + 8 * way, y - 4))
        x = written.x + 20 * way
        parts.append(
            _text(
                line.text,
                css,
                x,
                y,
                text_anchor=anchor,
                stroke=halo,
                stroke_width=3,
                paint_order="stroke",
            )
        )
    return "".join(parts)


def _badge(number: str, x: float, y: float) -> str:
    disc = _tag("circle", "number", cx=x, cy=y, r=8, fill=SLATE)
    return disc + _centred(number, "digits", x, y + 3.5, fill=PAPER, font_size=10)


# The elements themselves


def _rect(css: str, box: Box, **attributes: object) -> str:
    return _tag(
        "rect", css, x=box.x, y=box.y, width=box.width, height=box.height, **attributes
    )


def _text(
    content: str, css: str, x: float, y: float, *, fill: str = INK, **attributes: object
) -> str:
    opening = _tag("text", css, x=x, y=y, fill=fill, **attributes).removesuffix("/>")
    return f"{opening}>{escape(content)}</text>"


def _centred(
    content: str, css: str, x: float, y: float, *, fill: str = INK, **attributes: object
) -> str:
    return _text(content, css, x, y, fill=fill, text_anchor="middle", **attributes)


def _tag(name: str, css: str, **attributes: object) -> str:
    """Write an empty element, whose classes all belong to the diagram."""
    classes = " ".join(f"diagram__{one}" for one in css.split()) or "diagram"
    written = "".join(
        f' {key.replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
    )
    return f'<{name} class="{classes}"{written}/>'


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else escape(str(value))
