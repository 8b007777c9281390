"""Tables in every format people send, and the files that pretend to be tables."""

import io
import zipfile

import pytest

from erbm.imports import files
from erbm.imports.sheets import UnreadableFile
from tests.imports.tables import ods_table, write_csv, write_ods, write_xlsx

ROWS = [["code", "intitulé"], ["01001", "Cœur d’« îlot » : 12 €"]]


def read(path):
    return {
        sheet.name: [(number, list(cells)) for number, cells in sheet.lines]
        for sheet in files.sheets(path)
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_text_file_is_read_whatever_its_encoding_and_separator(
    tmp_path, encoding, separator
):
    path = write_csv(tmp_path / "t", ROWS, encoding=encoding, separator=separator)
    assert read(path) == {"t": [(1, ROWS[0]), (2, ROWS[1])]}


def test_latin_1_is_read(tmp_path):
    rows = [["é", "à"], ["ç", "ù"]]
    path = write_csv(tmp_path / "t.csv", rows, encoding="latin-1", separator=";")
    assert [cells for _, cells in read(path)["t.csv"]] == rows


def test_commas_inside_the_cells_do_not_hide_the_semicolons(tmp_path):
    rows = [["a", "b", "c"], ["1,5", "x, y, z, t, u", "2,5"], ["3", "p", "4,5"]]
    path = tmp_path / "t.csv"
    path.write_text("\n".join(";".join(cells) for cells in rows))
    assert [cells for _, cells in read(path)["t.csv"]] == rows


def test_every_sheet_of_a_workbook_is_read_with_the_numbers_of_its_lines(tmp_path):
    path = write_xlsx(tmp_path / "t.xlsx", notice=[["x"]], data=[*ROWS, [], [1, 2.5]])
    lines = read(path)
    assert lines["notice"] == [(1, ["x"])]
    assert (2, ROWS[1]) in lines["data"]
    assert (4, [1, 2.5]) in lines["data"]


def test_the_content_decides_of_the_format_not_the_name(tmp_path):
    path = write_xlsx(tmp_path / "t.xlsx", data=ROWS)
    assert "data" in read(path.rename(tmp_path / "t.csv"))


def test_an_ods_workbook_is_read(tmp_path):
    path = write_ods(tmp_path / "t.ods", ods_table([["x"]], "notice") + ods_table(ROWS))
    assert read(path) == {
        "notice": [(1, ["x"])],
        "Projets": [(1, ROWS[0]), (2, ROWS[1])],
    }


def test_an_ods_cell_is_read_as_it_was_meant(tmp_path):
    body = """<table:table table:name="t">
      <table:table-row table:number-rows-repeated="3">
        <table:table-cell/></table:table-row>
      <table:table-row>
        <table:table-cell office:value-type="currency" office:value="12.5">
          <text:p>12,50 €</text:p></table:table-cell>
        <table:table-cell table:number-columns-repeated="2"/>
        <table:table-cell office:value-type="string"><text:p>a<text:s text:c="2"/>b
          </text:p><text:p><text:span>c</text:span>d</text:p></table:table-cell>
        <table:table-cell office:value-type="date" office:date-value="2019-03-01"/>
        <table:table-cell office:value-type="float" office:value="?"/>
      </table:table-row></table:table>"""
    ((number, cells),) = read(write_ods(tmp_path / "t.ods", body))["t"]
    assert number == 4
    assert [str(cell).split() for cell in cells] == [
        ["12.5"],
        [],
        [],
        ["a", "b", "cd"],
        ["2019-03-01"],
        [],
    ]


def archive(**parts):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in parts.items():
            file.writestr(name.replace("__", "/").replace("_xml", ".xml"), part)
    return content.getvalue()


DAMAGED = {
    "empty": b"",
    "noise": bytes(range(256)) * 50,
    "a picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
    "an old workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
    "a zip of something": archive(a="b"),
    "a text document": archive(mimetype="application/vnd.oasis.opendocument.text"),
    "a cut zip": archive(xl__workbook_xml="<workbook/>")[:-30],
    "a workbook of nothing": archive(xl__workbook_xml="<workbook/>"),
    "an ods of nothing": archive(
        mimetype="application/vnd.oasis.opendocument.spreadsheet"
    ),
    "an ods of noise": archive(
        mimetype="application/vnd.oasis.opendocument.spreadsheet", content_xml="<a><b>"
    ),
    "bytes of no encoding": b"a;b\n\x81\x8d;\x8f\x90\n",
    "an endless quote": b'a;b\n"' + b"x" * 200_000,
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_what_is_not_a_table_is_refused_in_words(tmp_path, content):
    path = tmp_path / "t.xlsx"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"[Ff]ichier|[Cc]lasseur|format"):
        read(path)


def test_a_file_that_is_not_there_is_refused_in_words(tmp_path):
    with pytest.raises(UnreadableFile, match="introuvable"):
        read(tmp_path / "nowhere.csv")
    with pytest.raises(UnreadableFile, match="pas un fichier"):
        read(tmp_path)


def test_a_file_too_big_is_refused_unread(tmp_path):
    path = tmp_path / "t.csv"
    with path.open("wb") as file:
        file.truncate(files.MAX_BYTES + 1)
    with pytest.raises(UnreadableFile, match="100\xa0Mo"):
        read(path)


def test_a_bomb_is_refused_unopened(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MAX_UNCOMPRESSED_BYTES", 1024**2)
    path = tmp_path / "t.xlsx"
    path.write_bytes(archive(xl__workbook_xml=b"\0" * 2 * 1024**2))
    assert path.stat().st_size < 10_000
    with pytest.raises(UnreadableFile, match="décompressé"):
        read(path)


def test_a_protected_workbook_is_refused(tmp_path):
    content = bytearray(archive(xl__workbook_xml="<workbook/>"))
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path = tmp_path / "t.xlsx"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match="mot de passe"):
        read(path)


def test_an_entity_bomb_is_refused(tmp_path):
    path = tmp_path / "t.ods"
    path.write_bytes(
        archive(
            mimetype="application/vnd.oasis.opendocument.spreadsheet",
            content_xml='<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>',
        )
    )
    with pytest.raises(UnreadableFile, match="abîmé"):
        read(path)


def test_a_line_repeated_for_ever_fills_no_memory(tmp_path):
    body = """<table:table table:name="t">
      <table:table-row table:number-rows-repeated="999999999">
        <table:table-cell table:number-columns-repeated="999999999"
          office:value-type="float" office:value="1"/>
      </table:table-row></table:table>"""
    sheet = next(files.sheets(write_ods(tmp_path / "t.ods", body)))
    _, cells = next(sheet.lines)
    assert len(cells) == 200
