"""What Chorus says is compared with what we say, and changes nothing by itself."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from erbm.cases.commands import MoveRefused
from erbm.grants import reconciliation, restitutions
from erbm.grants.models import Answer, Difference, PaymentKind, Restitution
from flows.grant.states import State
from flows.roles import Role
from tests.grants import factories
from tests.grants.factories import AMOUNT, again, grant_at, person
from tests.operations.factories import auditor, stranger
from workflow.models import Entry, EntryKind, Event

pytestmark = pytest.mark.django_db

HEAD = "N° EJ;Montant engagé;Montant payé"


def written(*rows, head=HEAD):
    return "\n".join([head, *rows]).encode()


# The file


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (f"{HEAD}\n2100000001;1 234,56;0", "utf-8"),
        (f"{HEAD}\n2100000001;1\N{NO-BREAK SPACE}234,56 €;", "utf-8-sig"),
        ("EJ,engagé,payé\n2100000001,1234.56,0", "cp1252"),
        ("Numéro d’EJ\tMontant EJ\tPayé\n 2100 000 001\t1234,56\t0", "utf-8"),
        (f"{HEAD}\n2100000001;1000;0\n\n2100000001;234,56;0\n;5;5", "utf-8"),
    ],
)
def test_a_restitution_is_read_as_it_comes(content, encoding):
    [row] = restitutions.read(content.encode(encoding))

    assert row == restitutions.Row("2100000001", 1_234_56, 0)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "pas de ligne"),
        (written(), "pas de ligne"),
        (written("1;2;3", head="EJ;a;b"), "montant engagé, montant payé"),
        (written("2100000001;douze;0"), "Ligne 2"),
        (written("2100000001;-1;0"), "Ligne 2"),
        (written("2100000001;1,001;0"), "Ligne 2"),
        (written("2100000001;1;0", "=cmd();1;0"), "Ligne 3"),
        (written("2100000001;Infinity;0"), "Ligne 2"),
        (b"x" * (restitutions.LARGEST + 1), "Mo"),
        (written(*["1;1;1"] * (restitutions.MOST_ROWS + 1)), "lignes"),
    ],
)
def test_what_is_no_restitution_is_refused_in_words(content, told):
    with pytest.raises(restitutions.Unreadable, match=told):
        restitutions.read(content)


# The differences


@pytest.fixture
def grant(reference):
    grant = grant_at(State.IN_PROGRESS)
    factories.paid(grant, PaymentKind.ADVANCE, 10_000_00)
    return again(grant)


def received(grant, *rows, role=Role.FUNDER):
    return reconciliation.receive(
        filename="restitution.csv",
        content=written(*rows),
        by=person(grant, role),
        at=grant.case.changed_at,
    )


def found(restitution):
    return [
        (one.kind, one.ej_number, one.ours_cents, one.theirs_cents)
        for one in restitution.differences.order_by("pk")
    ]


def test_what_agrees_is_no_difference(grant):
    assert found(received(grant, f"{grant.ej_number};100000;10000")) == []


@pytest.mark.parametrize(
    ("row", "differences"),
    [
        ("{ej};99999,99;10000", [("amount", "{ej}", AMOUNT, 99_999_99)]),
        ("{ej};100000;0", [("paid", "{ej}", 10_000_00, 0)]),
        (
            "{ej};1;2",
            [("amount", "{ej}", AMOUNT, 1_00), ("paid", "{ej}", 10_000_00, 2_00)],
        ),
        (
            "2999999999;5;0",
            [("missing", "{ej}", AMOUNT, None), ("unknown", "2999999999", None, 5_00)],
        ),
    ],
)
def test_each_difference_is_listed_and_nothing_changes(grant, row, differences):
    ej = grant.ej_number
    wanted = [(kind, n.format(ej=ej), *cents) for kind, n, *cents in differences]

    assert found(received(grant, row.format(ej=ej))) == wanted
    assert again(grant).case.version == grant.case.version
    assert again(grant).award_cents == AMOUNT


def test_the_same_file_is_received_once(grant):
    received(grant, "2999999999;5;0")

    with pytest.raises(reconciliation.AlreadyReceived, match="déjà été versé"):
        received(grant, "2999999999;5;0")
    assert Restitution.objects.count() == 1


def test_only_funders_and_accountants_bring_one(grant):
    with pytest.raises(MoveRefused, match="financeur ou un comptable"):
        received(grant, "2999999999;5;0", role=Role.OWNER)
    assert not Restitution.objects.exists()


def answer(difference, by, at, said=Answer.ACCEPTED):
    reconciliation.answer(
        difference_id=difference.pk,
        said=said,
        reason="Titre annulé.",
        key=uuid.uuid4(),
        by=by,
        at=at,
    )


@pytest.mark.parametrize("said", [Answer.ACCEPTED, Answer.DISMISSED])
def test_somebody_answers_in_the_trail_of_the_grant(grant, said):
    [difference] = received(grant, f"{grant.ej_number};1;10000").differences.all()
    by, at = person(grant, Role.ACCOUNTANT), grant.case.changed_at

    answer(difference, by, at, said)

    difference.refresh_from_db()
    assert (difference.answer, difference.answered_by) == (said, by)
    event = Event.objects.filter(case=grant.pk).latest("seq")
    assert event.move == "answer_difference"
    assert event.actor == by
    assert again(grant).award_cents == AMOUNT
    with pytest.raises(MoveRefused, match="déjà traité"):
        answer(difference, by, at, said)


def test_what_has_no_grant_is_answered_in_the_register(grant):
    restitution = received(grant, f"{grant.ej_number};100000;10000", "2999999999;5;0")
    [difference] = restitution.differences.all()

    answer(difference, person(grant, Role.FUNDER), grant.case.changed_at)

    entry = Entry.objects.get(kind=EntryKind.DIFFERENCE_ANSWERED)
    assert "2999999999" in entry.body


def test_nobody_else_answers(grant):
    [difference] = received(grant, f"{grant.ej_number};1;10000").differences.all()

    with pytest.raises(MoveRefused):
        answer(difference, person(grant, Role.OWNER), grant.case.changed_at)
    assert Difference.objects.open().count() == 1


# The pages


def test_a_file_is_brought_and_answered_on_screen(client, grant):
    by = person(grant, Role.FUNDER)
    client.force_login(by)
    address = reverse("grants:restitutions")
    assert "Rapprochement Chorus" in client.get(reverse("grants:list")).content.decode()
    assert client.get(address).status_code == 200

    response = client.post(
        address,
        {
            "key": uuid.uuid4(),
            "file": SimpleUploadedFile("c.csv", written(f"{grant.ej_number};1;10000")),
        },
    )

    [difference] = Difference.objects.all()
    page = client.get(response.url).content.decode()
    assert grant.ej_number in page
    answering = reverse("grants:difference", args=[difference.pk])
    assert client.get(answering).status_code == 200
    assert (
        "à traiter"
        in client.get(reverse("grants:detail", args=[grant.pk])).content.decode()
    )
    sent = client.post(
        answering,
        {"key": uuid.uuid4(), "answer": "dismissed", "reason": "Chorus est en retard."},
    )
    assert sent.status_code == 302
    assert "Chorus est en retard" in client.get(sent.url).content.decode()
    assert client.post(answering, {"key": uuid.uuid4()}).status_code == 422


def test_an_unreadable_file_is_told_on_screen(client, grant):
    client.force_login(person(grant, Role.FUNDER))

    response = client.post(
        reverse("grants:restitutions"),
        {"key": uuid.uuid4(), "file": SimpleUploadedFile("c.csv", b"a;b\n1;2")},
    )

    assert response.status_code == 422
    assert "Colonnes absentes" in response.content.decode()


def test_who_has_nothing_to_do_with_it_sees_none_of_it(client, grant):
    restitution = received(grant, f"{grant.ej_number};1;10000")
    [difference] = restitution.differences.all()
    for by, status in ((stranger(), 404), (auditor(), 200)):
        client.force_login(by)
        for name, args in (
            ("restitutions", []),
            ("restitution", [restitution.pk]),
            ("difference", [difference.pk]),
        ):
            address = reverse(f"grants:{name}", args=args)
            assert client.get(address).status_code == status, (name, by)
