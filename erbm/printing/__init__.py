"""Documents to print and to keep: sheets of typst filled with data, as tagged PDF."""

import datetime
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import typst

SHEETS = Path(__file__).with_name("sheets")
STANDARDS: "list[typst.PDFStandard]" = ["a-2a", "ua-1"]  # to be kept, and to be heard

DRAWN = (
    *((0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x17F), (0x218, 0x21B), (0x384, 0x38A)),
    *((0x38C, 0x38C), (0x38E, 0x3A1), (0x3A3, 0x45F), (0x1E00, 0x1EFF)),
    *((0x2000, 0x200A), (0x2010, 0x2027), (0x202F, 0x203F), (0x2070, 0x2071)),
    *((0x2074, 0x208E), (0x20A0, 0x20BF), (0x2116, 0x2116), (0x2122, 0x2122)),
    *((0x2153, 0x215F), (0x2190, 0x22FF), (0x25A0, 0x2606), (0x2713, 0x2714)),
)
"""The characters that the fonts inside typst draw, upright, bold and slanted."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Names, each with its value."""

    rows: Sequence[tuple[str, str]]
    kind: str = "facts"


@dataclass(frozen=True, slots=True)
class Table:
    """
    Rows under a head.

    - `widths`: how the columns share the page, one share each;
    - `numbers`: the columns that are read from their right;
    - `codes`: those of fingerprints.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int]
    numbers: Sequence[int] = ()
    codes: Sequence[int] = ()
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Text:
    """What somebody wrote, or what we say if it is not `quoted`."""

    text: str
    quoted: bool = False
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing of a list: what it is, when and by whom, what was said, its code."""

    title: str
    aside: str = ""
    lines: Sequence[str] = ()
    said: Sequence[str] = ()
    rows: Sequence[tuple[str, str]] = ()
    code: str = ""
    kind: str = "entry"


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture in SVG, and what it says to those who do not see it."""

    svg: str
    alt: str
    kind: str = "chart"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, and what stands under it."""

    title: str
    blocks: Sequence[Facts | Table | Text | Entry | Chart]


@dataclass(frozen=True, slots=True)
class Document:
    """
    What the sheet `document` prints.

    - `kicker`: above the title; `running`: at the head of each page after the first;
    - `foot`: at the foot of each page, with its number; `receipt`: under it.
    """

    title: str
    kicker: str
    running: str
    foot: str
    receipt: str
    sections: Sequence[Section]


def pdf(sheet: str, data: Mapping[str, Any], *, at: datetime.datetime) -> bytes:
    """
    Fill a sheet, and return it as PDF/A-2a and PDF/UA-1.

    The data are no markup: they reach the sheet as values, and are printed as they
    stand. A sheet reads nothing outside of the folder of the sheets.
    """
    return typst.compile(
        str(SHEETS / f"{sheet}.typ"),
        root=str(SHEETS),
        format="pdf",
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(_drawn(data))},
        pdf_standards=STANDARDS,
        timestamp=at.astimezone(datetime.UTC).replace(microsecond=0),
    )


def print_out(document: Document, *, at: datetime.datetime) -> bytes:
    """Print a document."""
    return pdf("document", asdict(document), at=at)


class _Drawn(dict[int, str]):
    """Write what no font draws by its number: typst would refuse the whole page."""

    def __missing__(self, code: int) -> str:
        self[code] = chr(code) if _is_drawn(code) else f"[U+{code:04X}]"
        return self[code]


def _is_drawn(code: int) -> bool:
    return any(first <= code <= last for first, last in DRAWN)


def _drawn(value: Any) -> Any:
    match value:
        case str():
            text = unicodedata.normalize("NFC", "\n".join(value.splitlines()))
            return text.translate(_Drawn({ord("\n"): "\n", ord("\t"): " "}))
        case Mapping():
            return {name: _drawn(one) for name, one in value.items()}
        case list() | tuple():
            return [_drawn(one) for one in value]
    return value
