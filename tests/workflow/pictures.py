"""Say what is drawn over what in the picture of a procedure."""

import itertools

from workflow.diagrams.geometry import CHARACTER, Box, Sketch, height_of
from workflow.diagrams.layout import Grid


def sketch_of(process):
    grid = Grid.of(process)
    return Sketch(grid, dict.fromkeys(process.states.values, 30.0))


def boxes_of(sketch):
    return [sketch.box(state) for state in sketch.grid.places]


def crossed(sketch):
    """Return the arrows that pass through a state."""
    return [
        arrow.link
        for arrow in sketch.arrows()
        for segment in itertools.pairwise(arrow.points)
        if any(_overlap(_around(*segment), box) for box in boxes_of(sketch))
    ]


def run_together(sketch):
    """Return the pairs of arrows to different states that share a lane."""
    runs = [
        (x1, sorted((y1, y2)), arrow.link)
        for arrow in sketch.arrows()
        for (x1, y1), (x2, y2) in itertools.pairwise(arrow.points)
        if x1 == x2
    ]
    return [
        (link, other)
        for (x, span, link), (at, end, other) in itertools.combinations(runs, 2)
        if x == at and link.target != other.target
        if span[0] < end[1] and end[0] < span[1]
    ]


def hidden(sketch):
    """Return the words that stand over a state or over other words."""
    areas = [(_area(arrow.words), arrow.words) for arrow in sketch.arrows()]
    found = [
        words
        for area, words in areas
        if any(_overlap(area, box) for box in boxes_of(sketch))
    ]
    return found + [
        words
        for (area, words), (other, _) in itertools.combinations(areas, 2)
        if _overlap(area, other)
    ]


def _area(words):
    width = 20 + CHARACTER * max(len(line.text) for line in words.lines)
    x = words.x - width if words.leftwards else words.x
    return Box(x, words.y, height_of(words.lines), width)


def _around(start, end):
    (x1, x2), (y1, y2) = sorted((start[0], end[0])), sorted((start[1], end[1]))
    return Box(x1, y1, y2 - y1, x2 - x1)


def _overlap(area, box):
    return (
        area.x < box.right - 1
        and area.right > box.x + 1
        and area.y < box.bottom - 1
        and area.bottom > box.y + 1
    )
