"""Who reads a comment, whom it may call on, and what stays of one taken back."""

import hashlib
import uuid

import pytest
from django.core.files.base import ContentFile
from django.db import transaction

from tests.library import lifecycle
from tests.library.factories import (
    NOW,
    PROCESS,
    UNTIL,
    fire,
    person,
    stands_in,
    unit,
)
from tests.library.lifecycle import Role
from workflow import comments, conflicts, engine, outbox, readership
from workflow.comments import NewFile, Said
from workflow.models import (
    AppendOnly,
    Attachment,
    Case,
    Comment,
    Delegation,
    Event,
    Mention,
    Message,
    Task,
)
from workflow.readership import readable_by
from workflow.standing import memberships_of, standing_on
from workflow.trail import verify

pytestmark = pytest.mark.django_db
PEOPLE = ("reader", "librarian", "director", "mayor", "inspector")


def write(loan, by, to="all", *, text="Le livre est abîmé.", key=None, **said):
    if "." not in to:
        to = next(one.value for one in offered(loan, by) if one.audience == to)
    said = Said(to=to, text=text, by=by, at=NOW, key=key or uuid.uuid4(), **said)
    with transaction.atomic():
        return comments.write(PROCESS, loan.pk, said)


def withdraw(loan, comment, by, key=None):
    with transaction.atomic():
        return comments.withdraw(
            PROCESS, loan.pk, comment.pk, key=key or uuid.uuid4(), by=by, at=NOW
        )


def offered(loan, by):
    parties = standing_on(loan.case, ()).parties
    return readership.addresses(loan.case, memberships_of(by, NOW.date()), parties)


def reads(by):
    return set(readable_by(by, memberships_of(by, NOW.date())))


def refused(act):
    with pytest.raises(engine.MoveRefused) as caught, transaction.atomic():
        act()
    return str(caught.value)


READERS = {
    ("librarian", "unit"): {"librarian"},
    ("librarian", "staff"): {"librarian", "director", "inspector"},
    ("librarian", "all"): set(PEOPLE),
    ("reader", "unit"): {"reader"},
    ("reader", "all"): set(PEOPLE),
    ("inspector", "unit"): {"inspector"},
    ("inspector", "staff"): {"librarian", "director", "inspector"},
}


@pytest.mark.parametrize(("author", "to"), READERS)
def test_only_its_audience_reads_a_comment(town, author, to):
    loan = town.loan_at("asked")
    write(loan, town.role(author), to)
    stranger = person("zoe", Role.READER, place=unit("elsewhere"))

    assert {name for name in PEOPLE if reads(town.role(name))} == READERS[author, to]
    assert not reads(stranger)


@pytest.mark.parametrize(("author", "to"), READERS)
def test_writers_are_offered_the_very_people_who_would_read(town, author, to):
    loan = town.loan_at("asked")
    by = town.role(author)
    [address] = [one for one in offered(loan, by) if one.audience == to]

    parties = standing_on(loan.case, ()).parties
    grants = readership.readers_of(loan.case, address, parties, NOW.date())

    expected = {town.role(name) for name in READERS[author, to]}
    assert {grant.user for grant in grants} == expected


def test_a_colleague_reads_what_is_kept_within_the_unit(town):
    loan = town.loan_at("asked")
    colleague = person("lise", Role.LIBRARIAN)
    write(loan, town.librarian, "unit")

    assert reads(colleague) == set(Comment.objects.all())


def test_the_unit_of_the_beneficiary_is_left_out_whatever_it_plays(town):
    loan = town.loan_at("asked")
    both = person("bea", Role.INSPECTOR, place=unit("unit-reader"))
    write(loan, town.librarian, "staff")

    assert not reads(both)
    assert {one.audience for one in offered(loan, both)} == {"unit", "all"}


def test_a_substitute_reads_and_writes_for_the_person_away(town):
    loan = town.loan_at("asked")
    substitute = person("bob", Role.READER, place=unit("elsewhere"))
    write(loan, town.librarian, "unit")
    stands_in(substitute, town.librarian)

    write(loan, substitute, "unit")

    assert reads(substitute) == set(Comment.objects.all())
    assert Event.objects.latest("id").principal == town.librarian


def test_who_prepares_something_reads_no_more_than_what_all_read(town):
    loan = town.loan_at("asked")
    helper = person("hugo", Role.LIBRARIAN, place=unit("elsewhere"))
    write(loan, town.librarian, "staff")
    write(loan, town.librarian, "all")
    task = Task.objects.get(case=loan.case, step="desk", finished=None)
    assert not reads(helper)
    Delegation.objects.create(
        case=loan.case,
        task=task,
        by=town.librarian,
        to_user=helper,
        instructions="Préparer la fiche.",
        asked_at=NOW,
    )

    assert {comment.audience for comment in reads(helper)} == {"all"}
    assert offered(loan, helper) == []


def test_whoever_may_not_read_the_case_writes_nothing(town):
    loan = town.loan_at("asked")
    stranger = person("zoe", Role.READER, place=unit("elsewhere"))

    assert offered(loan, stranger) == []
    to = f"all.{unit('elsewhere').pk}"
    said = refused(lambda: write(loan, stranger, to))
    assert said == "Ces destinataires ne vous sont pas ouverts."
    assert not Comment.objects.exists()


def test_nobody_writes_to_an_audience_she_is_not_of(town):
    loan = town.loan_at("asked")

    for to in (f"staff.{unit('unit-reader').pk}", f"unit.{unit('unit-mayor').pk}"):
        assert "ne vous sont pas ouverts" in refused(
            lambda to=to: write(loan, town.reader, to)
        )


def test_an_interest_closes_the_talk_of_the_few(town):
    loan = town.loan_at("asked")
    write(loan, town.director, "staff")
    write(loan, town.director, "all")
    said = conflicts.Statement(
        about=town.librarian,
        by=town.librarian,
        at=NOW,
        reason="Ma sœur.",
        key=uuid.uuid4(),
    )
    with transaction.atomic():
        conflicts.declare(PROCESS, loan.pk, said)

    assert {comment.audience for comment in reads(town.librarian)} == {"all"}
    assert "conflit d’intérêts" in refused(lambda: write(loan, town.librarian))


def test_the_trail_says_that_it_was_written_never_what(town):
    loan = town.loan_at("asked")
    write(loan, town.librarian, "staff", text="La tranche est déchirée.")

    event = Event.objects.select_related("text").latest("id")

    assert (event.kind, event.actor, event.unit) == (
        "comment",
        town.librarian,
        unit("unit-librarian"),
    )
    assert '"audience":"staff"' in event.body
    assert "tranche" not in event.body + event.text.text
    case = Case.objects.get(pk=loan.pk)
    assert verify.problems_of(case) == []


def test_a_comment_leaves_the_forms_of_others_in_date(town):
    loan = town.loan_at("asked")
    seen = loan.case.version
    write(loan, town.reader)

    fire(loan, lifecycle.LEND, by=town.librarian, seen=seen, **UNTIL)

    assert Case.objects.get(pk=loan.pk).state == "lent"


def test_sent_twice_it_is_written_once(town):
    loan = town.loan_at("asked")
    key = uuid.uuid4()

    assert write(loan, town.reader, key=key) == write(loan, town.reader, key=key)
    assert Comment.objects.count() == 1


@pytest.mark.parametrize("text", ["", "  \n", "x" * 10_001, "a\0b"])
def test_a_text_is_neither_empty_nor_endless_nor_unreadable(town, text):
    loan = town.loan_at("asked")

    assert "Commentaire : " in refused(lambda: write(loan, town.reader, text=text))


def test_a_comment_is_not_edited(town):
    loan = town.loan_at("asked")
    write(loan, town.reader)
    comment = Comment.objects.get()
    comment.text = "Autre chose."

    with pytest.raises(AppendOnly):
        comment.save()
    with pytest.raises(AppendOnly):
        comment.delete()


# Taken back


def test_its_author_takes_it_back_and_its_place_stays(town):
    loan = town.loan_at("asked")
    write(loan, town.librarian, "staff")
    comment = Comment.objects.get()

    withdraw(loan, comment, town.librarian)

    [comment] = reads(town.director)
    assert (comment.text, bytes(comment.salt)) == ("", b"")
    assert comment.withdrawn_at == NOW
    case = Case.objects.get(pk=loan.pk)
    assert verify.problems_of(case) == []
    assert "déjà retiré" in refused(lambda: withdraw(loan, comment, town.librarian))


def test_nobody_else_takes_it_back(town):
    loan = town.loan_at("asked")
    write(loan, town.librarian, "staff")
    comment = Comment.objects.get()

    for other in (town.director, town.reader):
        with pytest.raises(comments.CommentNotFound), transaction.atomic():
            withdraw(loan, comment, other)
    assert Comment.objects.get().text


# Files


def test_a_file_is_known_by_its_print_and_goes_with_the_comment(
    town, django_capture_on_commit_callbacks
):
    loan = town.loan_at("asked")
    file = NewFile(ContentFile(b"%PDF-1.7", name="état.pdf"), "application/pdf")
    write(loan, town.librarian, files=[file])
    attachment = Attachment.objects.get()
    sha256 = hashlib.sha256(b"%PDF-1.7").hexdigest()
    assert attachment.sha256 == sha256
    assert sha256 in attachment.comment.written_by.body
    assert "tat.pdf" not in attachment.file.name
    storage, name = attachment.file.storage, attachment.file.name
    assert storage.exists(name)

    with django_capture_on_commit_callbacks(execute=True):
        withdraw(loan, attachment.comment, town.librarian)

    attachment.refresh_from_db()
    assert (attachment.filename, attachment.file.name) == ("", "")
    assert not storage.exists(name)


def test_five_files_at_most(town):
    loan = town.loan_at("asked")
    files = [NewFile(ContentFile(b"x", name="a.csv"), "text/csv")] * 6

    assert "5 fichiers au plus." in refused(
        lambda: write(loan, town.librarian, files=files)
    )


# Calling on people


def test_who_is_called_on_is_told(town, monkeypatch):
    monkeypatch.setattr(outbox, "_subscriptions", {})
    heard = []

    def hear(event, *, key, at):
        heard.append(event)

    outbox.hears(PROCESS, comments.WRITTEN)(hear)
    loan = town.loan_at("asked")

    write(loan, town.librarian, "staff", people=[town.director.pk])
    write(loan, town.librarian, "staff")

    assert Mention.objects.get().user == town.director
    assert Message.objects.count() == 2  # those who follow the case are told too
    outbox.deliver(limit=5, at=NOW)
    assert [event.comment.mentions.count() for event in heard] == [1, 0]


def test_a_unit_is_called_on_person_by_person(town):
    loan = town.loan_at("asked")
    colleague = person("lise", Role.LIBRARIAN)
    library = unit("unit-librarian")

    write(loan, town.librarian, "unit", units=[library.pk])

    mention = Mention.objects.get()
    assert (mention.user, mention.unit) == (colleague, library)


def test_only_who_would_read_may_be_called_on(town):
    loan = town.loan_at("asked")

    for named in (
        {"people": [town.reader.pk]},
        {"units": [unit("unit-reader").pk]},
        {"people": [10**6]},
    ):
        assert "ne pourrait pas lire" in refused(
            lambda named=named: write(loan, town.librarian, "staff", **named)
        )
    assert not Mention.objects.exists()


def test_reading_the_case_marks_what_calls_on_me(town):
    loan = town.loan_at("asked")
    write(loan, town.librarian, people=[town.director.pk, town.mayor.pk])

    assert comments.mark_seen(loan.case, by=town.director, at=NOW) == 1
    assert comments.mark_seen(loan.case, by=town.director, at=NOW) == 0
    assert Mention.objects.get(seen_at=None).user == town.mayor
