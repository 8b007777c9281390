"""The form of a move: made, refused, made twice, made too late."""

import dataclasses
import datetime
import uuid

import pytest
from django.core.cache import cache

from erbm.cases.sayings import MoveForm
from erbm.operations import commands
from erbm.operations.models import Kind, RequestedDocument
from flows.operation import State
from flows.roles import Role
from tests.operations.factories import (
    COMMITTEE_DAY,
    COPIL_SAT,
    DAY,
    PASSWORD,
    again,
    auditor,
    fire,
    operation_at,
    person,
    person_of,
    stranger,
    unit,
)
from tests.operations.forms import address, hidden, sent, text_of
from workflow.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

DOCUMENTS = {
    "documents": "Plan de masse\nAvis des locataires",
    "answer_by": "2026-12-15",
    "reason": "Le dossier est incomplet.",
}


def events(operation):
    return Event.objects.filter(case=operation.case).count()


@pytest.mark.parametrize("kind", Kind)
def test_every_move_has_its_page(client, kind):
    operation = operation_at(State.UNDER_REVIEW, kind)
    client.force_login(person(operation, Role.LEAD_SERVICE))

    for move in operation.process.moves:
        response = client.get(address("move", operation, move.name))
        assert response.status_code == 200
        is_open = b'name="seen"' in response.content
        assert is_open or "Ce n’est pas possible maintenant" in text_of(response)


@pytest.mark.parametrize("kind", Kind)
def test_every_move_has_its_form(kind):
    for move in commands.PROCESSES[kind].moves:
        form = MoveForm(move=move, by=None)

        page = form.render()

        asked = {wanted.name for wanted in move.inputs}
        assert asked < set(form.fields)
        assert all(f'name="{name}"' in page for name in form.fields)
        assert move.reason == ("reason" in form.fields)
        assert move.reauthenticate == ("password" in form.fields)


def test_a_move_is_made_and_gives_its_receipt(client):
    operation = operation_at(State.PROPOSED)
    client.force_login(person(operation, Role.LEAD_SERVICE))

    response = client.post(
        address("move", operation, "ask_for_documents"),
        sent(operation, **DOCUMENTS),
        follow=True,
    )

    assert response.redirect_chain == [(address("detail", operation), 302)]
    assert again(operation).case.state == State.INCOMPLETE
    event = Event.objects.filter(case=operation.case).latest("seq")
    assert f"Reçu : n° {event.seq} au journal" in text_of(response)
    assert bytes(event.hash).hex()[:12] in text_of(response)
    asked = RequestedDocument.objects.filter(operation=operation)
    assert [r.label for r in asked] == ["Plan de masse", "Avis des locataires"]


def test_a_form_sent_twice_gives_the_same_receipt(client):
    operation = operation_at(State.PROPOSED)
    client.force_login(person(operation, Role.LEAD_SERVICE))
    said = sent(operation, **DOCUMENTS)
    url = address("move", operation, "ask_for_documents")

    first = client.post(url, said, follow=True)
    before = events(operation)
    second = client.post(url, said, follow=True)

    assert events(operation) == before
    receipts = [text_of(r).split("Reçu")[1][:60] for r in (first, second)]
    assert receipts[0] == receipts[1]


def test_a_refused_move_says_why_beside_each_field(client):
    operation = operation_at(State.PROPOSED)
    client.force_login(person(operation, Role.LEAD_SERVICE))

    response = client.post(
        address("move", operation, "ask_for_documents"),
        sent(operation, documents="  ", answer_by="2026-02-31", reason=""),
    )

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"documents", "answer_by", "reason"}
    assert again(operation).case.state == State.PROPOSED


def test_what_the_engine_refuses_comes_back_in_the_form(client):
    operation = operation_at(State.IN_PROGRESS)
    client.force_login(person(operation, Role.OWNER))

    response = client.post(
        address("move", operation, "record_progress"),
        sent(operation, dwellings_delivered="160", dwellings_withdrawn="10"),
    )

    assert response.status_code == 422
    (error,) = response.context["form"].errors["dwellings_delivered"]
    assert error.startswith("170 logements comptés")


def test_zero_is_an_answer(client):
    operation = operation_at(State.IN_PROGRESS)
    client.force_login(person(operation, Role.OWNER))

    client.post(
        address("move", operation, "record_progress"),
        sent(operation, dwellings_delivered="12", dwellings_withdrawn="0"),
    )

    assert again(operation).dwellings_delivered == 12


def test_amounts_are_typed_in_euros_and_come_back_as_they_stand(client):
    operation = operation_at(State.IN_PROGRESS, Kind.SUBSIDY)
    client.force_login(person(operation, Role.OWNER))
    url = address("move", operation, "record_progress")

    client.post(url, sent(operation, progress_percent="40", spent_cents="1 234,56"))

    assert again(operation).spent_cents == 123_456
    page = client.get(url).content.decode()
    assert 'value="40"' in page
    assert 'value="1\u202f234,56"' in page


def test_a_day_beyond_the_calendar_of_delays_is_refused(client):
    operation = operation_at(State.FUNDED, Kind.SUBSIDY)
    client.force_login(person(operation, Role.OWNER))

    response = client.post(
        address("move", operation, "start"),
        sent(operation, first_legal_act="Marché", started_on="9999-12-31"),
    )

    assert response.status_code == 422
    assert "started_on" in response.context["form"].errors


def test_the_day_of_effect_may_be_earlier_but_not_later(client):
    operation = operation_at(State.PROPOSED)
    client.force_login(person(operation, Role.LEAD_SERVICE))
    url = address("move", operation, "declare_complete")
    said = {"early_start": "none"}

    late = client.post(url, sent(operation, effective_on="2199-01-01", **said))
    client.post(url, sent(operation, effective_on="2026-03-02", **said))

    assert late.status_code == 422
    assert "effective_on" in late.context["form"].errors
    assert again(operation).complete_on == datetime.date(2026, 3, 2)


class TestTooLate:
    """Somebody else has moved the case while the form was being filled in."""

    @pytest.fixture
    def operation(self):
        return operation_at(State.PROPOSED)

    @pytest.fixture
    def late(self, client, operation):
        said = sent(operation, **DOCUMENTS)
        colleague = person_of(unit("ddtm-62"), Role.LEAD_SERVICE, "dominique")
        fire(operation, "suspend", by=colleague, reason="Attendre.")
        client.force_login(person(operation, Role.LEAD_SERVICE))
        return client.post(address("move", operation, "ask_for_documents"), said)

    def test_it_says_who_changed_what_and_keeps_what_was_typed(self, late):
        assert late.status_code == 409
        text = text_of(late)
        assert "Suspendre l’opération" in text
        assert "Dominique lead_service (Direction départementale" in text
        assert "Avis des locataires" in text
        assert "15 décembre 2026" in text
        assert hidden(late, "reason") == "Le dossier est incomplet."
        assert hidden(late, "seen") is None

    def test_what_was_typed_is_taken_up_on_the_case_as_it_is(
        self, client, operation, late
    ):
        fire(
            operation,
            "resume",
            by=person(operation, Role.LEAD_SERVICE),
            reason="Reprendre.",
        )
        kept = {name: hidden(late, name) for name in (*DOCUMENTS, "resume")}
        url = address("move", operation, "ask_for_documents")

        form = client.post(url, kept)

        assert form.status_code == 200
        assert form.context["form"]["reason"].value() == "Le dossier est incomplet."
        said = DOCUMENTS | {"seen": hidden(form, "seen"), "key": hidden(form, "key")}
        assert client.post(url, said).status_code == 302
        assert again(operation).case.state == State.INCOMPLETE

    def test_if_the_move_is_no_longer_possible_it_says_why(
        self, client, operation, late
    ):
        kept = {name: hidden(late, name) for name in (*DOCUMENTS, "resume")}

        form = client.post(address("move", operation, "ask_for_documents"), kept)

        assert form.status_code == 200
        assert "Le dossier est à l’état « Suspendue »" in text_of(form)


class TestIdentity:
    """A move that engages one's name asks for the password again."""

    @pytest.fixture(autouse=True)
    def _no_attempt_yet(self):
        cache.clear()

    @pytest.fixture
    def operation(self, client):
        operation = operation_at(State.ARBITRATION)
        client.force_login(person(operation, Role.SUB_PREFECT))
        return operation

    def test_the_right_password_lets_it_through(self, client, operation):
        response = client.post(
            address("move", operation, "arbitrate_for"),
            sent(operation, reason="L’intérêt est établi.", password=PASSWORD),
        )

        assert response.status_code == 302
        assert again(operation).case.state == State.AWAITING_COPIL

    @pytest.mark.parametrize("password", ["", "autre chose", " " + PASSWORD])
    def test_any_other_does_not(self, client, operation, password):
        response = client.post(
            address("move", operation, "arbitrate_for"),
            sent(operation, reason="L’intérêt est établi.", password=password),
        )

        assert response.status_code == 422
        assert "password" in response.context["form"].errors
        assert again(operation).case.state == State.ARBITRATION

    def test_the_password_never_comes_back_in_a_page(self, client, operation):
        response = client.post(
            address("move", operation, "arbitrate_for"),
            sent(operation, reason="", password=PASSWORD),
        )

        assert response.status_code == 422
        assert PASSWORD not in response.content.decode()

    def test_guessing_is_stopped(self, client, operation):
        url = address("move", operation, "arbitrate_for")
        for _ in range(6):
            said = sent(operation, reason="Oui.", password="au hasard")
            response = client.post(url, said)

        assert "Trop d’essais" in text_of(response)


def test_a_signature_says_that_it_is_one(client):
    operation = operation_at(State.AWAITING_COPIL)
    client.force_login(person(operation, Role.COPIL_STATE))
    said = {name: str(day) for name, day in COPIL_SAT.items()}

    response = client.post(
        address("move", operation, "validate"), sent(operation, **said), follow=True
    )

    assert (
        "« Valider au COPIL » : votre signature est enregistrée. L’opération reste à "
        "l’état « Soumise au COPIL » jusqu’à la dernière signature."
    ) in text_of(response)
    assert again(operation).case.state == State.AWAITING_COPIL


def test_the_last_signature_says_where_the_operation_now_stands(client):
    operation = operation_at(State.AWAITING_COPIL)
    fire(operation, "validate", by=person(operation, Role.COPIL_STATE), **COPIL_SAT)
    client.force_login(person(operation, Role.COPIL_REGION))
    said = {name: str(day) for name, day in COPIL_SAT.items()}

    response = client.post(
        address("move", operation, "validate"), sent(operation, **said), follow=True
    )

    assert (
        "« Valider au COPIL » : c’est fait, la dernière signature est donnée. "
        "L’opération passe à l’état « Financement en cours »."
    ) in text_of(response)


def test_the_form_of_a_move_says_what_it_will_change(client):
    operation = operation_at(State.AWAITING_COPIL)
    fire(operation, "validate", by=person(operation, Role.COPIL_STATE), **COPIL_SAT)
    client.force_login(person(operation, Role.COPIL_REGION))

    page = text_of(client.get(address("move", operation, "return_to_review")))

    assert "Ce qui va se passer" in page
    assert "« Soumise au COPIL » → « En instruction »" in page
    signer = person(operation, Role.COPIL_STATE)
    assert f"Signatures rayées « Valider au COPIL », signé par {signer}" in page
    assert "Demandé ensuite Instruire et inscrire à l’ordre du jour" in page


def test_what_is_refused_promises_nothing(client):
    operation = operation_at(State.AWAITING_COPIL)
    client.force_login(person(operation, Role.OWNER))

    page = text_of(client.get(address("move", operation, "validate")))

    assert "Ce qui va se passer" not in page


def test_the_next_task_is_offered(client):
    operation, other = operation_at(State.PROPOSED), operation_at(State.PROPOSED)
    client.force_login(person(operation, Role.LEAD_SERVICE))

    response = client.post(
        address("move", operation, "declare_complete"),
        sent(operation, early_start="none"),
        follow=True,
    )

    assert f"Tâche suivante : {other.case.reference}" in text_of(response)
    assert address("detail", other) in response.content.decode()


def test_a_stranger_cannot_even_see_the_form(client):
    operation = operation_at(State.PROPOSED)
    client.force_login(stranger())
    url = address("move", operation, "ask_for_documents")

    assert client.get(url).status_code == 404
    assert client.post(url, sent(operation, **DOCUMENTS)).status_code == 404


def test_a_reader_is_told_whose_move_it_is(client):
    operation = operation_at(State.PROPOSED)
    client.force_login(auditor())
    url = address("move", operation, "ask_for_documents")

    assert "Ce geste revient à : service instructeur" in text_of(client.get(url))
    response = client.post(url, sent(operation, **DOCUMENTS))
    assert response.status_code == 422
    assert again(operation).case.state == State.PROPOSED


class TestForged:
    """What no page of ours sends."""

    @pytest.fixture
    def operation(self, client):
        operation = operation_at(State.PROPOSED)
        client.force_login(person(operation, Role.LEAD_SERVICE))
        return operation

    @pytest.mark.parametrize(
        "forged",
        [
            {"seen": ""},
            {"seen": "-1"},
            {"seen": "9" * 40},
            {"seen": "douze"},
            {"key": ""},
            {"key": "pas-un-uuid"},
            {"key": "\0"},
        ],
    )
    def test_a_form_without_what_we_wrote_in_it_is_a_bad_request(
        self, client, operation, forged
    ):
        response = client.post(
            address("move", operation, "ask_for_documents"),
            sent(operation, **DOCUMENTS) | forged,
        )

        assert response.status_code == 400
        assert again(operation).case.state == State.PROPOSED

    @pytest.mark.parametrize("name", ["unknown", "edit_facts", "a" * 300])
    def test_an_unknown_move_is_not_found(self, client, operation, name):
        assert client.get(address("move", operation, name)).status_code == 404

    @pytest.mark.parametrize("pk", ["0", "999999999999999999", "9" * 40, "x", "-1"])
    def test_an_unknown_operation_is_not_found(self, client, operation, pk):
        assert client.get(f"/operations/{pk}/").status_code == 404
        url = f"/operations/{pk}/gestes/submit/"
        assert client.post(url, {}).status_code == 404

    @pytest.mark.parametrize("typed", ["a\0b", "é" * 10_001])
    def test_what_cannot_be_kept_is_refused_in_the_form(self, client, operation, typed):
        response = client.post(
            address("move", operation, "ask_for_documents"),
            sent(operation, **(DOCUMENTS | {"reason": typed})),
        )

        assert response.status_code == 422
        assert again(operation).case.state == State.PROPOSED

    def test_a_key_that_served_elsewhere_is_a_bad_request(self, client, operation):
        key = str(uuid.uuid4())
        said = sent(operation, early_start="none", key=key)
        client.post(address("move", operation, "declare_complete"), said)

        response = client.post(
            address("move", operation, "suspend"),
            said | {"reason": "Attendre."},
        )

        assert response.status_code == 400

    def test_values_that_the_move_does_not_ask_for_are_ignored(self, client, operation):
        said = sent(operation, early_start="none", state="closed", owner="1")

        client.post(address("move", operation, "declare_complete"), said)

        assert again(operation).case.state == State.UNDER_REVIEW


def test_an_operation_ends_under_the_version_it_began_under(client, monkeypatch):
    operation = operation_at(State.PROPOSED)
    newer = dataclasses.replace(operation.process, version=2)
    monkeypatch.setitem(commands.PROCESSES, operation.kind, newer)
    client.force_login(person(operation, Role.LEAD_SERVICE))
    said = sent(operation, early_start="none")

    response = client.post(address("move", operation, "declare_complete"), said)

    assert response.url == address("detail", operation)
    assert again(operation).case.process_version == 1


def test_no_input_bears_the_name_of_a_field_that_every_form_has():
    taken = {"seen", "key", "reason", "effective_on", "password", "resume", "intent"}
    for process in commands.PROCESSES.values():
        for move in process.moves:
            assert not taken.intersection(wanted.name for wanted in move.inputs)


def test_a_whole_agenda_day_is_kept_as_typed(client):
    operation = operation_at(State.ON_AGENDA)
    client.force_login(person(operation, Role.SUB_PREFECT))

    client.post(
        address("move", operation, "endorse"),
        sent(operation, sitting_on=str(COMMITTEE_DAY), quorum="on"),
    )

    assert again(operation).committee_on == COMMITTEE_DAY
    assert again(operation).case.changed_at > operation.case.changed_at + DAY
