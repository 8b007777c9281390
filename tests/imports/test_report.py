"""The report of an import: true counts, and nothing that a spreadsheet would run."""

import csv

import pytest

from erbm.imports import report
from erbm.imports.grants import Rejection
from erbm.imports.report import Report

PAYLOADS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "  =cmd|' /C calc'!A0",
    "\N{NO-BREAK SPACE}=1",
    "\n@x",
]


def test_every_count_is_said():
    rejection = Rejection(3, "a", ("Coût absent.",))
    summary = Report(created=1200, unchanged=2, rejected=[rejection]).summary()
    assert summary.splitlines() == [
        "créés\xa0: 1\u202f200",
        "déjà importés\xa0: 2",
        "déjà importés, différents du fichier\xa0: 0",
        "hors périmètre\xa0: 0",
        "rejetés\xa0: 1",
    ]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_file_holds_no_formula(tmp_path, payload):
    path = tmp_path / "rapport.csv"
    report.write(Report(rejected=[Rejection(3, payload, (payload,))]), path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        headers, row = csv.reader(file, delimiter=";")
    assert tuple(headers) == report.HEADERS
    assert row == ["3", f"'{payload}", "rejeté", f"'{payload}"]
