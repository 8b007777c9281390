"""The same documents as text that people may go on writing, for any word processor."""

import datetime
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import docx
from docx.document import Document as File
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, Pt
from docx.text.paragraph import Paragraph

from erbm.printing import Chart, Document, Entry, Facts, Table, Text
from erbm.words import FIXED

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FONT = "Arial"  # as `sans-serif` is not one to a word processor
LANGUAGE = "fr-FR"


def docx_of(document: Document, *, at: datetime.datetime) -> bytes:
    """
    Write a document as DOCX (ISO/IEC 29500), with its headings, tables and numbers.

    What is written is what `print_out` prints, in the same order; pictures are told
    in words.
    """
    file = docx.Document()
    _set_up(file, document, at)
    file.add_paragraph(_plain(document.kicker))
    file.add_heading(_plain(document.title), level=0)
    for section in document.sections:
        file.add_heading(_plain(section.title), level=1)
        for block in section.blocks:
            WRITERS[type(block)](file, block)
    _quiet(file.add_paragraph(_plain(document.receipt)))
    stream = io.BytesIO()
    file.save(stream)
    return stream.getvalue()


def _set_up(file: File, document: Document, at: datetime.datetime) -> None:
    normal = file.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(10)
    properties = normal.element.get_or_add_rPr()
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), LANGUAGE)
    properties.append(language)
    known = file.core_properties
    known.title, known.language = _plain(document.title), LANGUAGE
    known.author = known.last_modified_by = known.comments = ""
    known.created = known.modified = at.astimezone(datetime.UTC).replace(tzinfo=None)
    page = file.sections[0]
    page.page_width, page.page_height = Cm(21), Cm(29.7)
    page.header.paragraphs[0].text = _plain(document.running)
    foot = page.footer.paragraphs[0]
    foot.add_run(f"{_plain(document.foot)} · page{FIXED}")
    _number(foot)


def _number(paragraph: Paragraph) -> None:
    """Write the number of the page, which the word processor keeps."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)


def _facts(file: File, facts: Facts) -> None:
    for label, value in facts.rows:
        _fact(file, label, value)


def _fact(file: File, label: str, value: str) -> None:
    paragraph = file.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(2)
    paragraph.add_run(f"{_plain(label)}{FIXED}: ").bold = True
    paragraph.add_run(_plain(value))


def _table(file: File, table: Table) -> None:
    grid = file.add_table(rows=0, cols=len(table.head), style="Table Grid")
    grid.autofit = False
    page = file.sections[0]
    room = (page.page_width or 0) - (page.left_margin or 0) - (page.right_margin or 0)
    for rank, texts in enumerate([table.head, *table.rows]):
        row = grid.add_row()
        for column, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
            cell.width = Emu(room * table.widths[column] // sum(table.widths))
            paragraph = cell.paragraphs[0]
            paragraph.add_run(_plain(text)).bold = rank == 0
            if column in table.numbers:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    # Repeated on each page, and read aloud as the head.
    grid.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _text(file: File, text: Text) -> None:
    style = "Quote" if text.quoted else None
    file.add_paragraph(_plain(text.text), style=style)


def _entry(file: File, entry: Entry) -> None:
    file.add_heading(_plain(entry.title), level=2)
    _lines(file, [entry.aside] if entry.aside else [], None)
    _lines(file, entry.lines, None)
    _lines(file, entry.said, "Quote")
    for label, value in entry.rows:
        _fact(file, label, value)
    if entry.code:
        _quiet(file.add_paragraph(entry.code))


def _lines(file: File, lines: Sequence[str], style: str | None) -> None:
    for line in lines:
        file.add_paragraph(_plain(line), style=style)


def _chart(file: File, chart: Chart) -> None:
    _quiet(file.add_paragraph(_plain(chart.alt)))


def _quiet(paragraph: Paragraph) -> None:
    for run in paragraph.runs:
        run.font.size = Pt(8)


WRITERS: Mapping[type, Callable[[File, Any], None]] = {
    Facts: _facts,
    Table: _table,
    Text: _text,
    Entry: _entry,
    Chart: _chart,
}


def _plain(text: str) -> str:
    """Write what XML refuses by its number, as it is printed."""
    return "".join(one if _is_written(one) else f"[U+{ord(one):04X}]" for one in text)


def _is_written(character: str) -> bool:
    """Tell whether XML 1.0 has room for a character."""
    code = ord(character)
    return (
        character in "\t\n\r"
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or code >= 0x10000
    )
