"""Small tables in every format, in the columns of the State's 2019 edition."""

import csv
import zipfile
from xml.sax.saxutils import escape

import openpyxl

HEADERS = [
    "id_projet",
    "id_dep",
    "id_terr",
    "nom_terr",
    "pop19",
    "dotation",
    "echelon",
    "categorie",
    "description",
    "cout_total",
    "montant_sub",
    "pct_sub",
    "lat",
    "long",
]


def row(**changes):
    """A row that can be imported, as a spreadsheet would hold it."""
    values = dict(
        zip(
            HEADERS,
            [
                "di19_com00001",
                "62",
                "62498",
                "Lens",
                31606,
                "DSIL",
                "commune",
                "4 - Education",
                "Rénovation d’une école",
                100000.5,
                40000,
                0.4,
                "50.43",
                "2.83",
            ],
            strict=True,
        )
    )
    return [(values | changes)[header] for header in HEADERS]


def write_csv(path, rows, *, encoding="utf-8", separator=","):
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=separator).writerows(rows)
    return path


def write_xlsx(path, **sheets):
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for cells in rows:
            sheet.append(cells)
    workbook.save(path)
    return path


def write_ods(path, body):
    """Wrap tables into the least that is an OpenDocument workbook."""
    namespaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f"<office:document-content {namespaces}><office:body><office:spreadsheet>"
        f"{body}</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return path


def ods_table(rows, name="Projets"):
    lines = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, cells))}</table:table-row>"
        for cells in rows
    )
    return f'<table:table table:name="{name}">{lines}</table:table>'


def _ods_cell(value):
    if isinstance(value, int | float):
        return (
            f'<table:table-cell office:value-type="float" office:value="{value}">'
            f"<text:p>{value:.0f}</text:p></table:table-cell>"
        )
    text = "" if value is None else f"<text:p>{escape(value)}</text:p>"
    return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'
