"""The comments of an operation: who sees them, writes them, opens their files."""

import uuid

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from flows.operation import State
from flows.roles import Role
from tests.operations.factories import (
    PDF,
    auditor,
    operation_at,
    person,
    stranger,
)
from tests.operations.forms import text_of
from workflow import notices, outbox
from workflow.models import Attachment, Comment, Follow, Mention, Notice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
TEXT = "Le devis oublie les réseaux."


@pytest.fixture
def operation():
    return operation_at(State.PROPOSED)


@pytest.fixture
def checker(operation):
    return person(operation, Role.LEAD_SERVICE)


def page(name, operation, *more):
    return reverse(name, args=[operation.pk, *more])


def write(client, operation, by, to="services", **more):
    client.force_login(by)
    unit = by.memberships.first().unit_id
    said = {"key": str(uuid.uuid4()), "to": f"{to}.{unit}", "text": TEXT, **more}
    return client.post(page("exchange_new", operation), said, follow=True)


@pytest.mark.parametrize(
    ("to", "readers"),
    [
        ("unit", {"checker"}),
        ("services", {"checker", "director", "auditor"}),
        ("all", {"checker", "director", "auditor", "owner"}),
    ],
)
def test_only_its_audience_sees_a_comment_on_either_page(
    client, operation, checker, to, readers
):
    people = {
        "checker": checker,
        "director": person(operation, Role.PROJECT_DIRECTOR),
        "auditor": auditor(),
        "owner": person(operation, Role.OWNER),
    }
    write(client, operation, checker, to)

    for name in ("operations:detail", "exchange"):
        seen = set()
        for who, user in people.items():
            client.force_login(user)
            if TEXT in text_of(client.get(page(name, operation))):
                seen.add(who)
        assert seen == readers


def test_the_journal_says_that_it_was_written_to_whom_never_what(
    client, operation, checker
):
    write(client, operation, checker)
    client.force_login(person(operation, Role.OWNER))

    journal = text_of(client.get(page("operations:trail", operation)))

    assert "Commentaire : Services et partenaires, sans le porteur" in journal
    assert TEXT not in journal


def test_a_stranger_is_told_nothing(client, operation, checker):
    write(client, operation, checker, "all")
    client.force_login(stranger())

    for name in ("exchange", "exchange_new"):
        assert client.get(page(name, operation)).status_code == 404


def test_the_owner_is_not_offered_the_services(client, operation):
    owner = person(operation, Role.OWNER)

    response = write(client, operation, owner)

    assert response.status_code == 422
    assert not Comment.objects.exists()


def test_a_file_opens_for_those_who_read_the_comment_alone(client, operation, checker):
    write(client, operation, checker, attachments=SimpleUploadedFile("devis.pdf", PDF))
    address = page("exchange_file", operation, Attachment.objects.get().pk)

    response = client.get(address)
    assert b"".join(response.streaming_content) == PDF
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    for other in (person(operation, Role.OWNER), stranger()):
        client.force_login(other)
        assert client.get(address).status_code == 404


def test_a_file_is_looked_into_as_any_other(client, operation, checker):
    file = SimpleUploadedFile("devis.pdf", b"MZ")

    response = write(client, operation, checker, attachments=file)

    assert response.status_code == 422
    assert "n’en a pas le contenu" in text_of(response)


def test_its_author_takes_it_back(client, operation, checker):
    write(client, operation, checker, attachments=SimpleUploadedFile("devis.pdf", PDF))
    comment, file = Comment.objects.get(), Attachment.objects.get()
    address = page("exchange_withdraw", operation, comment.pk)
    client.force_login(person(operation, Role.PROJECT_DIRECTOR))
    assert client.post(address, {"key": str(uuid.uuid4())}).status_code == 404

    client.force_login(checker)
    response = client.post(address, {"key": str(uuid.uuid4())}, follow=True)

    shown = text_of(response)
    assert TEXT not in shown
    assert "Commentaire retiré par son auteur le" in shown
    assert client.get(page("exchange_file", operation, file.pk)).status_code == 404


def test_who_is_mentioned_is_told_without_the_text(client, operation, checker):
    director = person(operation, Role.PROJECT_DIRECTOR)
    write(client, operation, checker, mentions=[f"p.{director.pk}"])
    mail.outbox.clear()

    outbox.deliver(limit=100, at=timezone.now())

    notice = Notice.objects.get(user=director, topic="talk")
    assert notice.text == f"{checker} vous mentionne"
    assert notices.why(notice) == "vous êtes mentionné"
    [letter] = [one for one in mail.outbox if "vous mentionne" in one.subject]
    assert letter.to == [director.email]
    assert TEXT not in letter.body
    client.force_login(director)
    client.get(page("exchange", operation))
    assert Mention.objects.get().seen_at is not None


def test_who_follows_the_case_and_may_read_it_is_told_in_the_letter_of_the_day(
    client, operation, checker
):
    director = person(operation, Role.PROJECT_DIRECTOR)
    for one in (director, person(operation, Role.OWNER)):
        Follow.objects.create(user=one, case=operation.case, since=timezone.now())
    write(client, operation, checker)
    mail.outbox.clear()

    outbox.deliver(limit=100, at=timezone.now())

    notice = Notice.objects.get(topic="talk")  # the owner would not read it
    assert notice.user == director
    assert notice.text == f"{checker} a écrit un commentaire"
    assert notices.why(notice) == "vous suivez ce dossier"
    assert notice.pace == "daily"
    assert not [one for one in mail.outbox if "commentaire" in one.subject]


def test_who_follows_and_is_mentioned_is_told_once(client, operation, checker):
    director = person(operation, Role.PROJECT_DIRECTOR)
    Follow.objects.create(user=director, case=operation.case, since=timezone.now())
    write(client, operation, checker, mentions=[f"p.{director.pk}"])

    outbox.deliver(limit=100, at=timezone.now())

    notice = Notice.objects.get(user=director, topic="talk")
    assert notices.why(notice) == "vous êtes mentionné"


def test_who_follows_is_written_to_at_once_if_she_chose_so(client, operation, checker):
    director = person(operation, Role.PROJECT_DIRECTOR)
    Follow.objects.create(user=director, case=operation.case, since=timezone.now())
    notices.choose(paces={"talk": "at_once"}, by=director, at=timezone.now())
    write(client, operation, checker)
    mail.outbox.clear()

    outbox.deliver(limit=100, at=timezone.now())

    [letter] = [one for one in mail.outbox if "commentaire" in one.subject]
    assert letter.to == [director.email]
    assert "parce que vous suivez ce dossier" in letter.body
    assert letter.extra_headers["List-Id"].startswith("<notifications.")
    assert "/compte/notifications/" in letter.extra_headers["List-Unsubscribe"]
    assert TEXT not in letter.body


def test_whom_one_may_call_on_is_named_unit_by_unit(client, operation, checker):
    director = person(operation, Role.PROJECT_DIRECTOR)
    client.force_login(checker)

    shown = client.get(page("exchange_new", operation)).text

    unit = director.memberships.get().unit
    group = shown.split(f'aria-label="{unit}"')[1].split('role="group"')[0]
    assert "Toute l’unité" in group
    assert str(director) in group


def test_who_would_not_read_it_cannot_be_mentioned(client, operation, checker):
    owner = person(operation, Role.OWNER)

    response = write(client, operation, checker, mentions=[f"p.{owner.pk}"])

    assert response.status_code == 422
    assert "ne pourrait pas lire ce commentaire" in text_of(response)
    assert not Comment.objects.exists()


def test_the_page_asks_no_more_for_ten_comments_than_for_one(
    client, operation, checker
):
    write(client, operation, checker)
    address = page("exchange", operation)

    with CaptureQueriesContext(connection) as one:
        client.get(address)
    for _ in range(9):
        write(client, operation, checker)

    with CaptureQueriesContext(connection) as ten:
        client.get(address)
    assert len(ten) <= len(one)
