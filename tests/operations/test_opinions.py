"""The form of an opinion: its direction, its conditions with their days, its file."""

import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from erbm.operations.models import Condition, Opinion
from flows.hearings import MOST_CONDITIONS, Demand, Unreadable, demands_in, written
from flows.operation import State
from flows.roles import Role
from tests.operations.factories import PDF, again, fire, operation_at, people
from tests.operations.forms import address, sent, text_of
from workflow.engine import MoveRefused
from workflow.models import Draft, Event
from workflow.trail import verify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def operation():
    return operation_at(State.UNDER_REVIEW)


@pytest.fixture
def adviser(client, operation):
    somebody = people(operation, Role.CONSULTED)[0]
    client.force_login(somebody)
    return somebody


def form_of(operation):
    return address("move", operation, "give_opinion")


RESERVED = {
    "direction": "with_reservations",
    "opinion": "Le bruit inquiète.",
    "condition_1": "Rendre compte du bruit.",
    "condition_1_due_on": "2030-06-30",
    "condition_3": "Poser des nichoirs.",
    "condition_3_due_on": "2029-12-31",
}


def test_an_opinion_says_its_conditions_and_their_days(client, operation, adviser):
    assert "Conditions à suivre" in text_of(client.get(form_of(operation)))

    response = client.post(form_of(operation), sent(operation, **RESERVED), follow=True)

    page = text_of(response)
    assert "Votre avis est rendu et joint au dossier." in page
    asked = Condition.objects.order_by("due_on").values_list("wording", "due_on")
    assert list(asked) == [
        ("Poser des nichoirs.", datetime.date(2029, 12, 31)),
        ("Rendre compte du bruit.", datetime.date(2030, 6, 30)),
    ]
    assert "Poser des nichoirs., avant le 31 décembre 2029" in page
    assert verify.problems_of(again(operation).case) == []


def test_what_goes_with_an_opinion_is_joined_with_it(client, operation, adviser):
    file = SimpleUploadedFile("avis.pdf", PDF)

    client.post(form_of(operation), sent(operation, direction="favourable", file=file))

    opinion = Opinion.objects.get()
    assert opinion.document.operation == operation
    assert opinion.document.kind == "report"
    url = address("document", operation, opinion.document_id)
    assert url in client.get(address("detail", operation)).text
    moves = Event.objects.filter(case=operation.case).order_by("-seq")
    assert list(moves.values_list("move", flat=True)[:2]) == [
        "add_document",
        "give_opinion",
    ]


def test_an_opinion_with_a_file_sent_twice_is_given_once(client, operation, adviser):
    said = sent(operation, direction="favourable")

    for _ in range(2):
        file = SimpleUploadedFile("avis.pdf", PDF)
        response = client.post(form_of(operation), said | {"file": file})
        assert response.status_code == 302

    assert Opinion.objects.count() == 1
    assert operation.documents.filter(kind="report").count() == 1


def test_a_program_goes_with_no_opinion(client, operation, adviser):
    file = SimpleUploadedFile("avis.pdf", b"MZ")

    response = client.post(
        form_of(operation), sent(operation, direction="favourable", file=file)
    )

    assert response.status_code == 422
    assert not Opinion.objects.exists()


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"condition_1": "Sans jour."}, "Dites pour quel jour."),
        ({"condition_1_due_on": "2030-01-01"}, "Dites ce qui est demandé"),
        (
            {"condition_1": "Hier.", "condition_1_due_on": "2020-01-01"},
            "Une condition se remplit après l’avis.",
        ),
    ],
)
def test_half_a_condition_is_none(client, operation, adviser, said, why):
    response = client.post(
        form_of(operation), sent(operation, direction="favourable", **said)
    )

    assert response.status_code == 422
    assert why in text_of(response)
    assert not Opinion.objects.exists()


def test_a_draft_keeps_the_conditions_too(client, operation, adviser):
    client.post(
        form_of(operation) + "brouillon/", sent(operation, **RESERVED), follow=True
    )

    assert "nichoirs" in Draft.objects.get().values["conditions"]
    form = client.get(form_of(operation)).context["form"]
    assert form["condition_1"].value() == "Rendre compte du bruit."
    assert form["condition_2_due_on"].value() == datetime.date(2029, 12, 31)


def test_whoever_may_give_none_reads_why(client, operation):
    client.force_login(people(operation, Role.OWNER)[0])

    page = text_of(client.get(form_of(operation)))

    assert "Ce n’est pas possible maintenant" in page


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Sans jour", "écrivez l’échéance"),
        ("31/02/2027 : Rien.", "n’existe pas"),
        ("31/12/2027 :", "écrivez l’échéance"),
        (f"31/12/2027 : {'x' * 301}", "300 caractères"),
        ("\n".join(["31/12/2027 : A."] * (MOST_CONDITIONS + 1)), "20 conditions"),
    ],
)
def test_the_door_reads_conditions_or_says_why_not(operation, adviser, text, why):
    with pytest.raises(Unreadable, match=why):
        demands_in(text)
    with pytest.raises(MoveRefused):
        fire(
            operation,
            "give_opinion",
            by=adviser,
            direction="favourable",
            conditions=text,
        )


def test_conditions_are_read_as_they_were_written():
    demands = [
        Demand(datetime.date(2027, 12, 31), "Poser : des nichoirs."),
        Demand(datetime.date(2027, 1, 1), "x" * 300),
    ]

    assert demands_in(written(demands)) == demands
    assert demands_in("  \n ") == []
