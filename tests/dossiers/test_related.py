"""The dossier of an operation holds what was granted, paid, owed and decided of it."""

import csv
import io
import json
import subprocess
import sys
import zipfile

import openpyxl
import pypdf
import pytest
from django.urls import reverse

from flows.grant.states import State
from flows.roles import Role
from tests.committees import factories as sittings
from tests.grants import factories
from tests.grants.factories import again, grant_at
from tests.obligations import factories as obligations
from tests.operations.factories import auditor, person

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("reference"),
    pytest.mark.slow,  # pages are printed
]


def taken(client, operation, by):
    client.force_login(by)
    response = client.post(reverse("dossier", args=[operation.pk]))
    assert response.status_code == 200
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))


def printed_in(archive, name):
    reader = pypdf.PdfReader(io.BytesIO(archive.read(name)))
    return " ".join(" ".join(page.extract_text().split()) for page in reader.pages)


def test_grants_and_payments_go_along_with_acts_dates_and_journals(client, tmp_path):
    operation = factories.operation()
    grant = grant_at(State.IN_PROGRESS, operation)
    factories.pay_advance(grant)
    payment = grant.payments.get()

    archive = taken(client, operation, auditor())

    text = printed_in(archive, "synthese.pdf")
    for said in ("Subventions", "Paiements", grant.act_reference, grant.ej_number):
        assert said in text
    folder, beside = f"lies/{grant.case.reference}/", f"lies/{payment.case.reference}/"
    assert grant.act_reference in printed_in(archive, f"{folder}acte.pdf")
    assert f"{folder}notification.pdf" in archive.namelist()
    assert f"{beside}pieces/001-factures-acquittees.pdf" in archive.namelist()
    journal = archive.read(f"{folder}journal.csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(journal, newline=""), delimiter=";"))
    assert len(rows) == again(grant).case.latest_seq
    book = openpyxl.load_workbook(io.BytesIO(archive.read("annexe.xlsx")))
    [_, row] = book["Subventions"].iter_rows(values_only=True)
    assert row[0] == grant.case.reference
    assert f"EJ : {grant.ej_number}" in row[4]
    archive.extractall(tmp_path)
    told = (tmp_path / "preuve/events.jsonl").read_text()
    assert payment.case.reference in told
    command = [sys.executable, "-I", str(tmp_path / "preuve/verifier.py")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert json.loads(told.splitlines()[0])


def test_a_condition_goes_along_and_a_sitting_says_what_it_decided(client):
    sitting = sittings.closed(operations=2)
    first, second = sitting.items.order_by("pk")
    operation = first.operation
    obligations.accepted(operation)
    owed = operation.obligations.get()

    archive = taken(client, operation, auditor())

    text = printed_in(archive, "synthese.pdf")
    assert owed.wording in text
    assert sitting.case.reference in text
    assert first.get_decision_display() in text
    assert second.operation.case.reference not in text
    names = archive.namelist()
    assert f"lies/{owed.case.reference}/journal.csv" in names
    assert not [one for one in names if sitting.case.reference in one]
    told = archive.read("preuve/events.jsonl").decode()
    assert owed.case.reference in told
    assert second.operation.case.reference not in told


def test_a_dossier_tells_of_no_case_that_one_may_not_know(client):
    operation = factories.operation()
    grant = grant_at(State.REQUESTED, operation, scheme="region")
    other = person(operation, Role.FUNDER)

    archive = taken(client, operation, other)

    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert grant.case.reference.encode() not in everything
    assert "Subventions" not in printed_in(archive, "synthese.pdf")


def test_all_the_sittings_and_payments_of_an_operation_go_along(client, tmp_path):
    asked = "31/12/2031 : fournir le phasage."
    room = sittings.close(sittings.decide(sittings.open_(), conditions=asked))
    sittings.closed(sittings.COPIL, operations=0)
    operation = room.agenda()[0].operation
    grant = grant_at(State.IN_PROGRESS, again(operation))
    factories.pay_advance(grant)
    factories.paid(again(grant), "instalment", 1_000_000, spent=factories.BASIS)

    archive = taken(client, operation, auditor())

    related = {name.split("/")[1] for name in archive.namelist() if name[:4] == "lies"}
    assert len(related) == len({*grant.payments.all(), grant}) + 1  # and a condition
    archive.extractall(tmp_path)
    verifier = [sys.executable, "-I", str(tmp_path / "preuve/verifier.py")]
    assert subprocess.run(verifier, check=False).returncode == 0
