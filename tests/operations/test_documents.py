"""Documents: joined, refused, given back only to those who may know of them."""

import hashlib
import uuid

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from erbm.operations import commands, uploads
from erbm.operations.models import Document, RequestedDocument
from flows.operation import State
from flows.roles import Role
from tests.operations.factories import (
    PDF,
    again,
    auditor,
    join,
    opened,
    operation_at,
    person,
    stranger,
)
from tests.operations.forms import address, text_of
from workflow.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def joined(**said):
    return {
        "key": str(uuid.uuid4()),
        "kind": "quotes",
        "title": "Devis",
        "file": SimpleUploadedFile("devis.pdf", PDF, "text/html"),
        **said,
    }


@pytest.fixture
def operation(client):
    operation = opened()
    client.force_login(person(operation, Role.OWNER))
    return operation


def test_a_document_is_joined_with_its_digest(client, operation):
    response = client.post(address("document_new", operation), joined(), follow=True)

    document = operation.documents.get()
    digest = hashlib.sha256(PDF).hexdigest()
    assert (document.sha256, document.size) == (digest, len(PDF))
    assert document.content_type == "application/pdf"
    assert f'title="{digest}"' in response.content.decode()
    event = Event.objects.filter(case=operation.case).latest("seq")
    assert digest in event.body


def test_a_document_without_title_bears_that_of_its_kind(client, operation):
    client.post(address("document_new", operation), joined(title=""))

    assert operation.documents.get().title == "Devis ou estimation des travaux"


def test_a_form_sent_twice_joins_one_document(client, operation):
    key = str(uuid.uuid4())

    for _ in range(2):
        client.post(address("document_new", operation), joined(key=key))

    assert operation.documents.count() == 1


def test_a_document_answers_a_request(client):
    operation = operation_at(State.INCOMPLETE)
    client.force_login(person(operation, Role.OWNER))
    asked = RequestedDocument.objects.filter(operation=operation).first()
    url = address("document_new", operation)

    form = client.get(f"{url}?demande={asked.pk}").content.decode()
    response = client.post(url, joined(answers=asked.pk), follow=True)

    assert f'<option value="{asked.pk}" selected>' in form
    asked.refresh_from_db()
    assert asked.document == operation.documents.get(title="Devis")
    assert "fournie, Devis" in text_of(response)


def test_only_the_owner_answers_a_request():
    operation = operation_at(State.INCOMPLETE)
    asked = RequestedDocument.objects.filter(operation=operation).first()

    with pytest.raises(commands.MoveRefused, match="porteur"):
        commands.add_document(
            operation_id=operation.pk,
            process=operation.process,
            document=commands.NewDocument(
                kind="quote",
                title="Devis",
                file=SimpleUploadedFile("devis.pdf", b"%PDF-1.7"),
                content_type="application/pdf",
                answers=asked.pk,
            ),
            key=uuid.uuid4(),
            by=person(operation, Role.LEAD_SERVICE),
            at=timezone.now(),
        )

    asked.refresh_from_db()
    assert asked.document is None
    assert not operation.documents.filter(title="Devis").exists()


@pytest.mark.parametrize("answers", ["0", "x", "9" * 30])
def test_a_document_does_not_answer_what_was_not_asked(client, answers):
    operation = operation_at(State.INCOMPLETE)
    client.force_login(person(operation, Role.OWNER))

    response = client.post(address("document_new", operation), joined(answers=answers))

    assert response.status_code == 422
    assert "answers" in response.context["form"].errors


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "bombe"}, "kind"),
        ({"title": "t\0"}, "title"),
        ({"title": "t" * 201}, "title"),
        ({"file": ""}, "file"),
        ({"file": SimpleUploadedFile("vide.pdf", b"")}, "file"),
        ({"file": SimpleUploadedFile("x.pdf", b"MZ")}, "file"),
        ({"file": SimpleUploadedFile("x.exe", b"MZ")}, "file"),
    ],
)
def test_what_may_not_be_joined_is_refused_in_french(client, operation, said, field):
    response = client.post(address("document_new", operation), joined(**said))

    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not Document.objects.exists()


def test_a_file_without_end_is_not_even_received(client, operation, monkeypatch):
    monkeypatch.setattr(uploads, "LARGEST", len(PDF) - 1)

    response = client.post(address("document_new", operation), joined())

    assert response.status_code == 422
    assert "Choisissez un fichier de" in text_of(response)


def test_a_closed_operation_takes_no_document(client):
    operation = operation_at(State.WITHDRAWN)
    client.force_login(person(operation, Role.OWNER))

    response = client.post(address("document_new", operation), joined())

    assert response.status_code == 422
    assert "n’est pas possible" in text_of(response)
    assert operation.documents.filter(title="Devis").count() == 0


def test_readers_join_nothing(client, operation):
    client.force_login(auditor())

    response = client.post(address("document_new", operation), joined())

    assert response.status_code == 422
    assert not Document.objects.exists()


class TestDownload:
    @pytest.fixture
    def document(self, operation):
        join(operation)
        return operation.documents.get()

    def test_it_comes_back_as_it_was_and_runs_nowhere(
        self, client, operation, document
    ):
        response = client.get(address("document", operation, document.pk))

        assert b"".join(response.streaming_content) == PDF
        assert response["Content-Type"] == "application/pdf"
        assert response["Content-Disposition"] == 'attachment; filename="other.pdf"'
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]
        assert "no-store" in response["Cache-Control"]

    def test_readers_may_read_it(self, client, operation, document):
        client.force_login(auditor())

        response = client.get(address("document", operation, document.pk))

        assert b"".join(response.streaming_content) == PDF

    def test_whoever_may_not_know_of_the_operation_may_not_of_its_documents(
        self, client, operation, document
    ):
        client.force_login(stranger())

        url = address("document", operation, document.pk)
        assert client.get(url).status_code == 404
        client.logout()
        assert client.get(url).status_code == 302

    def test_the_document_of_another_operation_is_not_found(
        self, client, operation, document
    ):
        other = opened()

        for pk in (document.pk, 0, 10**17):
            assert client.get(address("document", other, pk)).status_code == 404

    def test_a_file_that_is_lost_is_not_found(self, client, operation, document):
        default_storage.delete(document.file.name)

        url = address("document", operation, document.pk)
        assert client.get(url).status_code == 404

    def test_it_is_only_read(self, client, operation, document):
        url = address("document", operation, document.pk)

        assert client.post(url).status_code == 405
        assert again(operation).documents.count() == 1

    def test_a_name_cannot_forge_a_header(self, client, operation, document):
        document.filename = 'été "2026"\r\nSet-Cookie: x=1.pdf'
        document.save(update_fields=["filename"])

        response = client.get(address("document", operation, document.pk))

        assert "Set-Cookie" not in response
        assert "\n" not in response["Content-Disposition"]
        assert b"".join(response.streaming_content) == PDF


def files():
    _, names = default_storage.listdir("documents")
    return set(names)


def test_a_file_that_nothing_keeps_is_not_left_behind(monkeypatch):
    operation = opened()
    join(operation)
    before, key = files(), uuid.uuid4()

    def sent(by=None):
        return commands.add_document(
            operation_id=operation.pk,
            process=operation.process,
            document=commands.NewDocument(
                kind="quotes",
                title="Devis",
                file=SimpleUploadedFile("devis.pdf", PDF),
                content_type="application/pdf",
            ),
            key=key,
            by=by or person(operation, Role.OWNER),
            at=timezone.now(),
        )

    with pytest.raises(commands.MoveRefused):
        sent(by=stranger())
    assert files() == before
    monkeypatch.setattr(Document.objects, "create", fail)
    with pytest.raises(RuntimeError):
        sent()
    assert files() == before
    monkeypatch.undo()
    sent()
    sent()
    assert len(files() - before) == 1


def fail(**row):
    raise RuntimeError
