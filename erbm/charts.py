"""Charts in SVG, drawn on the server: the same for a page and for a document."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from erbm import words

# Narrow enough to be read on a telephone.
WIDTH, LABELS, VALUES = 420, 150, 62
LINE, THICK = 30, 16
INK, BLUE, PALE = "#161616", "#1f3b7a", "#e3e3fd"
FONT = "Marianne, Libertinus Serif, sans-serif"
LONGEST_LABEL = 23


def bars(
    title: str, rows: Sequence[tuple[str, int]], *, whole: int | None = None
) -> SafeString:
    """
    Draw one bar for each row, its name before it and its number after.

    `whole`: what the full width stands for; the largest number, if it is not said.
    """
    most = max([whole or 0, *(number for _, number in rows), 1])
    drawn = format_html_join(
        "", "{}", ((_bar(rank, row, most),) for rank, row in enumerate(rows))
    )
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" class="erbm-chart" role="img" '
        'viewBox="0 0 {} {}" width="{}" height="{}"><title>{}</title>{}</svg>',
        WIDTH,
        LINE * max(1, len(rows)),
        WIDTH,
        LINE * max(1, len(rows)),
        f"{title}{words.FIXED}: {said(rows)}",
        drawn,
    )


def said(rows: Sequence[tuple[str, int]]) -> str:
    """Say in words what the bars show."""
    return ", ".join(f"{name} {words.count(number)}" for name, number in rows)


def _bar(rank: int, row: tuple[str, int], most: int) -> SafeString:
    name, number = row
    room = WIDTH - LABELS - VALUES
    top, length = rank * LINE + (LINE - THICK) // 2, max(0, number) * room // most
    base = top + THICK - 4
    return format_html(
        '<text x="0" y="{}" font-size="13" font-family="{}" fill="{}">{}</text>'
        '<rect class="erbm-chart__whole" x="{}" y="{}" width="{}" height="{}" '
        'fill="{}"/>'
        '<rect class="erbm-chart__part" x="{}" y="{}" width="{}" height="{}" '
        'fill="{}"/>'
        '<text x="{}" y="{}" font-size="13" font-family="{}" fill="{}">{}</text>',
        *(base, FONT, INK, _short(name)),
        *(LABELS, top, room, THICK, PALE),
        *(LABELS, top, length, THICK, BLUE),
        *(WIDTH - VALUES + 8, base, FONT, INK, words.count(number)),
    )


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_LABEL else f"{name[: LONGEST_LABEL - 1]}…"
