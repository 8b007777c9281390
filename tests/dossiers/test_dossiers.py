"""The dossier of an operation: all that one may read, in a zip that proves itself."""

import csv
import dataclasses
import hashlib
import io
import json
import subprocess
import sys
import tracemalloc
import uuid
import zipfile

import openpyxl
import pypdf
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from erbm.cases import rooms
from erbm.cases.chapters import Chapters
from erbm.dossiers import names, printed, queries
from erbm.dossiers.packing import Member, packed
from erbm.operations import commands
from erbm.operations.models import Document
from erbm.operations.room import OPERATIONS
from flows.operation import State
from flows.roles import Role
from tests.operations import factories
from tests.operations.factories import (
    PDF,
    again,
    auditor,
    operation_at,
    person,
    stranger,
)
from tests.operations.forms import text_of
from workflow import delegations
from workflow.models import Checkpoint, Entry, Task
from workflow.trail import sealing
from workflow.trail.notes import Signer

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("reference"),
    pytest.mark.slow,  # pages are printed
]
SECRET = "Entre services : le devis oublie les réseaux."


@pytest.fixture
def operation():
    return operation_at(State.FUNDING)


def address(operation):
    return reverse("dossier", args=[operation.pk])


def taken(client, operation, by=None, **said):
    """Take a dossier, and open it."""
    client.force_login(by or person(operation, Role.PROJECT_DIRECTOR))
    response = client.post(address(operation), said)
    assert response.status_code == 200
    return zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content)))


def printed_in(archive, name):
    reader = pypdf.PdfReader(io.BytesIO(archive.read(name)))
    return " ".join(" ".join(page.extract_text().split()) for page in reader.pages)


def rows(archive, name):
    text = archive.read(name).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def commented(client, operation, to, text, **more):
    by = person(operation, Role.LEAD_SERVICE)
    client.force_login(by)
    unit = by.memberships.first().unit_id
    said = {"key": str(uuid.uuid4()), "to": f"{to}.{unit}", "text": text, **more}
    url = reverse("exchange_new", args=[operation.pk])
    assert client.post(url, said).status_code == 302


def test_one_click_on_the_page_of_the_operation_gives_it(client, operation):
    client.force_login(auditor())

    page = client.get(reverse("operations:detail", args=[operation.pk]))

    assert f'action="{address(operation)}"' in page.text
    response = client.post(address(operation))
    name = f"dossier-{operation.case.reference}-{timezone.localdate()}.zip"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert response["Cache-Control"] == "private, no-store"
    assert response.streaming


def test_it_holds_what_it_says(client, operation):
    archive = taken(client, operation)

    assert archive.testzip() is None
    found = set(archive.namelist())
    assert found >= {
        "LISEZMOI.txt",
        "synthese.pdf",
        "journal.pdf",
        "journal.csv",
        "annexe.xlsx",
        "pieces/index.csv",
        "pieces/001-deliberation-approuvant-l-operation.pdf",
        "preuve/verifier.py",
        "preuve/events.jsonl",
        "empreintes.txt",
    }
    read_me = archive.read("LISEZMOI.txt").decode()
    assert operation.case.reference in read_me
    assert "<" not in read_me


def test_its_sums_are_those_of_all_its_files(client, operation):
    archive = taken(client, operation)

    lines = archive.read("empreintes.txt").decode().splitlines()
    sums = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    assert {*sums, "empreintes.txt"} == set(archive.namelist())
    for name, digest in sums.items():
        assert hashlib.sha256(archive.read(name)).hexdigest() == digest


def test_the_verifier_inside_is_satisfied_and_finds_what_is_changed(
    client, operation, tmp_path
):
    taken(client, operation).extractall(tmp_path)

    def verdict():
        command = [sys.executable, "-I", str(tmp_path / "preuve" / "verifier.py")]
        return subprocess.run(command, capture_output=True, check=False).returncode

    assert verdict() == 0
    events = tmp_path / "preuve" / "events.jsonl"
    events.write_text(events.read_text().replace("move", "mOve", 1))
    assert verdict() != 0


def test_the_synthesis_says_what_it_is_and_what_was_decided(client, operation):
    text = printed_in(taken(client, operation), "synthese.pdf")

    line = operation.lines.first()
    for expected in (
        operation.case.reference,
        operation.case.title,
        "9\u202f780\u202f000,00",
        "Maisons & Cités",
        line.get_scheme_display(),
        "Déposer",
        "Devis ou estimation des travaux",
        "elle est intacte",
        "en attente de sceau",
    ):
        assert expected.replace("\u202f", " ") in text.replace("\u202f", " ")
    assert again(operation).documents.first().sha256 in text


def test_every_page_bears_the_receipt_and_its_checkpoint_once_sealed(client, operation):
    key = Signer.of_pem("erbm.invalid/journal", Signer.new_pem())
    sealing.seal(by=key, at=timezone.now())
    size = Checkpoint.objects.get().size

    archive = taken(client, operation)

    case = again(operation).case
    receipt = f"n° {case.latest_seq} · {bytes(case.latest_hash).hex()}"
    for name in ("synthese.pdf", "journal.pdf"):
        reader = pypdf.PdfReader(io.BytesIO(archive.read(name)))
        for page in reader.pages:
            text = " ".join(page.extract_text().split())
            assert receipt in text
            assert f"point de contrôle {size}" in text


def test_what_others_prepare_is_in_no_file_and_the_proof_holds(
    client, operation, tmp_path
):
    task = Task.objects.open().filter(case=operation.case).first()
    by, to = (person(operation, role) for role in (task.role, Role.PROJECT_DIRECTOR))
    asked = delegations.Request(to=to, instructions=SECRET)
    with transaction.atomic():
        delegations.delegate(task_id=task.pk, request=asked, by=by, at=timezone.now())

    archive = taken(client, operation, by=auditor())
    archive.extractall(tmp_path)

    assert not [n for n in archive.namelist() if SECRET.encode() in archive.read(n)]
    assert "Demande de préparation" in printed_in(archive, "journal.pdf")
    assert SECRET not in printed_in(archive, "journal.pdf")
    command = [sys.executable, "-I", str(tmp_path / "preuve" / "verifier.py")]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert SECRET in repr(rows(taken(client, operation, by=by), "journal.csv"))


def test_the_journal_has_each_event_in_each_form(client, operation):
    archive = taken(client, operation)

    events = list(operation.case.events.order_by("seq"))
    hashes = [bytes(event.hash).hex() for event in events]
    assert [row["Empreinte"] for row in rows(archive, "journal.csv")] == hashes
    text = printed_in(archive, "journal.pdf")
    assert all(one in text for one in hashes)
    book = openpyxl.load_workbook(io.BytesIO(archive.read("annexe.xlsx")))
    assert book.sheetnames == ["Plan", "Avis", "Pièces", "Échanges", "Journal"]
    assert book["Journal"].max_row == len(events) + 1


def test_a_long_journal_is_printed_in_parts(client, operation, monkeypatch):
    monkeypatch.setattr(printed, "PART", 5)

    archive = taken(client, operation)

    parts = [name for name in archive.namelist() if name.startswith("journal")]
    count = operation.case.events.count()
    assert len(parts) == -(-count // 5) + 1  # and the CSV
    assert "Événements 6 à 10" in printed_in(archive, "journal-2.pdf")


@pytest.mark.parametrize("named", ["lead", "director", "auditor", "owner"])
def test_comments_go_to_their_readers_only(client, operation, named):
    reader = {
        "lead": lambda: person(operation, Role.LEAD_SERVICE),
        "director": lambda: person(operation, Role.PROJECT_DIRECTOR),
        "auditor": auditor,
        "owner": lambda: person(operation, Role.OWNER),
    }[named]()
    attached = SimpleUploadedFile("secret.pdf", PDF + b"services")
    commented(client, operation, "services", SECRET, attachments=attached)
    commented(client, operation, "all", "À tous : bonjour.")

    archive = taken(client, operation, reader)

    text = printed_in(archive, "synthese.pdf")
    book = openpyxl.load_workbook(io.BytesIO(archive.read("annexe.xlsx")))
    talks = str(list(book["Échanges"].iter_rows(values_only=True)))
    knows = named != "owner"
    assert "À tous : bonjour." in text
    assert (SECRET in text, SECRET in talks) == (knows, knows)
    assert ("echanges/001-secret-pdf.pdf" in archive.namelist()) is knows
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert (PDF + b"services" in everything) is knows


def test_whoever_may_not_know_of_the_operation_gets_nothing(client, operation):
    client.force_login(stranger())

    assert client.get(address(operation)).status_code == 404
    assert client.post(address(operation)).status_code == 404
    client.logout()
    assert client.post(address(operation)).status_code == 302
    assert not Entry.objects.filter(kind="dossier_taken").exists()


def test_the_register_says_who_took_it_before_it_is_given(client, operation):
    reader = auditor()
    client.force_login(reader)
    client.get(address(operation))
    assert not Entry.objects.filter(kind="dossier_taken").exists()

    client.post(address(operation))  # and nothing read of the answer

    entry = Entry.objects.get(kind="dossier_taken")
    assert (entry.actor, entry.case) == (reader, operation.case)
    facts = json.loads(entry.body)["facts"]
    assert facts["documents"] == operation.documents.count()


def test_it_does_not_say_who_else_took_it(client, operation):
    taken(client, operation, auditor())

    archive = taken(client, operation, person(operation, Role.OWNER))

    assert Entry.objects.filter(case=operation.case).count() == 2
    assert archive.read("preuve/entries.jsonl") == b""


def joined(operation, title, filename, content=PDF):
    commands.add_document(
        operation_id=operation.pk,
        process=operation.process,
        document=commands.NewDocument(
            kind="other",
            title=title,
            file=SimpleUploadedFile(filename, content),
            content_type="application/pdf",
        ),
        key=uuid.uuid4(),
        by=person(operation, Role.OWNER),
        at=timezone.now(),
    )


HOSTILE = [
    ("../../etc/passwd", "..\\..\\x.pdf"),
    ("CON", "con.PDF"),
    ('=cmd|"/C calc"!A0', "a.pdf"),
    ('#read("/etc/passwd") *x*', "é/è.pdf"),
    ("\u202efdp.exe", ".pdf"),
]


def test_names_and_titles_are_harmless_everywhere(client):
    operation = factories.opened()
    for title, filename in HOSTILE:
        joined(operation, title, filename)
        Document.objects.filter(title=title).update(filename=filename)

    archive = taken(client, operation, person(operation, Role.OWNER))

    files = [n for n in archive.namelist() if n.startswith("pieces/0")]
    assert len({name.lower() for name in files}) == len(HOSTILE)
    assert all(".." not in name and name.isascii() for name in files)
    assert all("\\" not in n and n.count("/") == 1 for n in files)
    text = printed_in(archive, "synthese.pdf")
    assert '#read("/etc/passwd") *x*' in text
    titles = [row["Titre"] for row in rows(archive, "pieces/index.csv")]
    assert titles[2].startswith("'=")


def test_a_file_changed_or_lost_in_the_storage_is_told(client):
    operation = factories.opened()
    for number in range(3):
        joined(operation, f"Pièce {number}", "a.pdf", PDF + b"%d" % number)
    _, changed, lost = operation.documents.order_by("pk")
    with default_storage.open(changed.file.name, "wb") as file:
        file.write(b"%PDF-forged")
    default_storage.delete(lost.file.name)

    archive = taken(client, operation, person(operation, Role.OWNER))

    verdicts = [row["Constat"] for row in rows(archive, "pieces/index.csv")]
    assert verdicts == ["conforme", "altérée", "absente de l’espace de stockage"]
    assert archive.read("pieces/001-piece-0.pdf") == PDF + b"0"
    assert "pieces/003-piece-2.pdf" not in archive.namelist()


def test_too_large_a_dossier_is_offered_without_its_files(
    client, operation, monkeypatch
):
    monkeypatch.setattr(queries, "LARGEST", 100)
    client.force_login(auditor())

    refused = client.post(address(operation))

    assert refused.status_code == 413
    assert "trop lourd" in text_of(refused)
    assert "Tirer le dossier" not in refused.text
    archive = taken(client, operation, auditor(), files="none")
    assert [n for n in archive.namelist() if n.startswith("pieces/")] == [
        "pieces/index.csv"
    ]
    assert "laissées de côté" in archive.read("LISEZMOI.txt").decode()
    sha256 = {row["SHA-256 inscrit"] for row in rows(archive, "pieces/index.csv")}
    assert sha256 == set(operation.documents.values_list("sha256", flat=True))


def test_a_draft_without_anything_has_a_dossier_too(client):
    operation = factories.opened()

    archive = taken(client, operation, person(operation, Role.OWNER))

    text = printed_in(archive, "synthese.pdf")
    assert "Aucune ligne de financement." in text
    assert "Aucune pièce n’est jointe." in text


def test_a_procedure_that_has_nothing_of_its_own_has_a_dossier_too(
    client, operation, monkeypatch
):
    plain = dataclasses.replace(OPERATIONS, chapters=Chapters())
    monkeypatch.setitem(rooms._rooms, operation.case.process, plain)

    archive = taken(client, operation)

    synthesis = printed_in(archive, "synthese.pdf")
    assert "Étapes" in synthesis
    assert "Plan de financement" not in synthesis
    sheets = openpyxl.load_workbook(io.BytesIO(archive.read("annexe.xlsx"))).sheetnames
    assert sheets == ["Pièces", "Échanges", "Journal"]
    assert "preuve/verifier.py" in archive.namelist()
    assert "état, étapes, décisions" in archive.read("LISEZMOI.txt").decode()


def test_the_page_says_what_it_holds(client, operation):
    client.force_login(auditor())

    text = text_of(client.get(address(operation)))

    assert f"{operation.documents.count()} pièces" in text
    assert "Le registre garde qui a tiré un dossier" in text


def test_large_files_pass_through_without_being_held():
    piece = bytes(range(256)) * 256

    def content():
        for _ in range(512):
            yield piece

    members = [Member(f"{n}.bin", content()) for n in range(2)]
    tracemalloc.start()
    try:
        size = sum(map(len, packed(members, at=timezone.now())))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert size > 0
    assert peak < 2_000_000  # of 64 MB


@pytest.mark.parametrize(
    ("title", "filename", "expected"),
    [
        ("Délibération n° 12", "a.PDF", "001-deliberation-n-12.pdf"),
        ("Œuvre", "x.tar.gz", "001-oeuvre.gz"),
        ("…", "sans suffixe", "001-piece"),
        ("../..", "a.p/df", "001-piece"),
        ("x" * 300, "a.pdf", f"001-{'x' * 60}.pdf"),
    ],
)
def test_names_are_made_of_plain_letters(title, filename, expected):
    assert names.safe(1, title, filename) == expected
