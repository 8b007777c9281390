"""The form of a move keeps what is typed, on the server, with or without JavaScript."""

import pytest
from django.utils import timezone

from flows.operation import State
from flows.roles import Role
from tests.operations.factories import DAY, operation_at, person, person_of, unit
from tests.operations.forms import address, sent, text_of
from workflow.models import Draft, Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]
MOVE = "ask_for_documents"
TYPED = {"documents": "Le devis des réseaux", "answer_by": ""}


@pytest.fixture
def operation():
    return operation_at(State.PROPOSED)


@pytest.fixture
def checker(operation):
    return person(operation, Role.LEAD_SERVICE)


def save(client, operation, by, **more):
    client.force_login(by)
    headers = more.pop("headers", {})
    return client.post(
        address("draft_save", operation, MOVE),
        sent(operation, **TYPED, password="secret", **more),
        follow=True,
        headers=headers,
    )


def form(client, operation, query=""):
    return client.get(address("move", operation, MOVE) + query)


def test_the_button_keeps_it_and_another_machine_shows_it(client, operation, checker):
    events = Event.objects.count()
    response = save(client, operation, checker)

    assert "Le brouillon est enregistré." in text_of(response)
    assert "Brouillon du" in text_of(response)
    assert "Le devis des réseaux" in response.text
    assert Draft.objects.get().values == {"documents": "Le devis des réseaux"}
    assert Event.objects.count() == events


def test_typing_is_answered_in_the_page(client, operation, checker):
    response = save(client, operation, checker, headers={"HX-Request": "true"})

    assert response.status_code == 200
    assert text_of(response).startswith("Brouillon enregistré le")


def test_too_long_a_text_is_said(client, operation, checker):
    client.force_login(checker)
    response = client.post(
        address("draft_save", operation, MOVE),
        sent(operation, documents="x" * 10_001),
        headers={"HX-Request": "true"},
    )

    assert "10000 caractères au plus" in text_of(response)
    assert not Draft.objects.exists()


def test_a_colleague_takes_it_up_if_it_is_shared(client, operation, checker):
    service = operation.case.parties.get(role=Role.LEAD_SERVICE).unit
    colleague = person_of(service, Role.LEAD_SERVICE, "dominique")
    save(client, operation, checker)
    draft = Draft.objects.get()
    client.force_login(colleague)
    hidden = form(client, operation, f"?brouillon={draft.pk}")
    assert "Le devis des réseaux" not in hidden.text

    save(client, operation, checker, draft_shared="on")
    client.force_login(colleague)

    assert "Reprendre le brouillon de" in text_of(form(client, operation))
    taken = form(client, operation, f"?brouillon={draft.pk}")
    assert "Le devis des réseaux" in taken.text


def test_others_keep_no_draft_of_it(client, operation):
    save(client, operation, person(operation, Role.OWNER))
    assert not Draft.objects.exists()

    client.force_login(person_of(unit("sia-habitat"), Role.OWNER))
    response = client.post(address("draft_save", operation, MOVE), TYPED)
    assert response.status_code == 404


def test_it_goes_when_it_is_discarded_or_the_move_made(client, operation, checker):
    save(client, operation, checker)
    client.post(address("draft_discard", operation, MOVE), {})
    assert not Draft.objects.exists()

    save(client, operation, checker)
    said = {
        "documents": "Le devis",
        "answer_by": timezone.localdate() + 30 * DAY,
        "reason": "Incomplet.",
    }
    client.post(address("move", operation, MOVE), sent(operation, **said))

    assert Event.objects.filter(move=MOVE).exists()
    assert not Draft.objects.exists()
