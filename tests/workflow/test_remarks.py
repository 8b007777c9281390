"""A comment that is not the one its event tells of is found, and so are its files."""

import datetime

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command

from tests.library.factories import NOW, unit
from tests.workflow.test_comments import withdraw, write
from tests.workflow.test_sealing import seal
from workflow import verifications
from workflow.comments import NewFile
from workflow.models import Attachment, Case, Comment, Event, Mention
from workflow.trail import remarks

pytestmark = pytest.mark.django_db

SHA256 = "0" * 64


def problems():
    return [*remarks.check(Case.objects.all())]


@pytest.fixture
def loan(town):
    """Have two comments written, the first with two files; the second is taken back."""
    loan = town.loan_at("asked")
    files = [
        NewFile(ContentFile(content, name="état.pdf"), "application/pdf")
        for content in (b"%PDF-1.7", b"%PDF-2.0")
    ]
    write(loan, town.librarian, "staff", files=files)
    write(loan, town.librarian, text="Trop vite.", files=[*files[:1]])
    withdraw(loan, Comment.objects.latest("pk"), town.librarian)
    return loan


def kept():
    return Comment.objects.filter(withdrawn_by=None)


def test_comments_written_and_taken_back_are_in_order(loan, town):
    write(loan, town.reader)

    assert problems() == []


FORGED = {
    "colonne text": {"text": "Tout va bien."},
    "colonne author": {"author_id": lambda: Event.objects.earliest("pk").actor_id},
    "colonne unit": {"unit": lambda: unit("elsewhere")},
    "colonne audience": {"audience": "all"},
    "colonne at": {"at": NOW + datetime.timedelta(hours=1)},
    "colonne written_by": {"written_by": lambda: Event.objects.earliest("pk")},
    "colonne withdrawn_by": {
        "withdrawn_by": lambda: Event.objects.earliest("pk"),
        "withdrawn_at": NOW,
        "text": "",
    },
}


@pytest.mark.parametrize("column", FORGED)
def test_a_column_that_is_altered_is_named(loan, column):
    comment = kept().get()
    forged = {k: v() if callable(v) else v for k, v in FORGED[column].items()}
    Comment.objects.filter(pk=comment.pk).update(**forged)

    where = f"workflow_comment {comment.pk}, {column} : "
    assert any(problem.startswith(where) for problem in problems())


def test_a_comment_that_is_torn_out_is_missed_by_every_verification(loan, capsys):
    comment = kept().get()
    event = comment.written_by
    Attachment.objects.filter(comment=comment).delete()
    Mention.objects.filter(comment=comment).delete()
    Comment.objects.filter(pk=comment.pk)._raw_delete("default")
    seal()

    told = f"workflow_comment : celui de l’événement {loan.case.reference}/{event.seq}"
    night = verifications.verify_all(at=NOW, clock=lambda: NOW)
    assert night.faults.get().message == f"{told} manque."
    with pytest.raises(SystemExit):
        call_command("verify_trail", case=loan.case.reference)
    assert f"{told} manque." in capsys.readouterr().err


def test_a_comment_taken_back_does_not_stand_again(loan):
    withdrawn = Comment.objects.filter(withdrawn_by__isnull=False)
    withdrawn.update(withdrawn_by=None, withdrawn_at=None, text="x", salt=b"0" * 16)

    found = "\n".join(problems())
    assert "le texte a été modifié" in found
    assert f"l’événement {loan.case.reference}/5 n’en retire aucun" in found


@pytest.mark.parametrize(
    ("spoil", "column"),
    [
        (lambda files: files.update(sha256=SHA256), "sha256"),
        (lambda files: files.latest("pk").delete(), "sha256"),
        (lambda files: files.update(file="", filename=""), "file"),
    ],
)
def test_a_file_that_is_altered_removed_or_erased_is_found(loan, spoil, column):
    comment = kept().get()
    spoil(comment.attachments.all())

    [problem] = problems()
    where = f"workflow_attachment du commentaire {comment.pk}, colonne {column} : "
    assert problem.startswith(where)


def test_a_file_that_outlives_its_comment_is_found(loan):
    Attachment.objects.filter(comment__withdrawn_by__isnull=False).update(file="x")

    [problem] = problems()
    assert "ne suit pas le retrait" in problem
