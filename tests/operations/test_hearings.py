"""The screens of a consultation, of a plan corrected, and of what the COPIL reads."""

import pytest

from erbm.operations.models import Kind
from flows.operation import State
from flows.roles import Role
from tests.operations.factories import (
    COPIL_SAT,
    DAY,
    WHY,
    again,
    fire,
    operation_at,
    people,
    person,
    person_of,
    unit,
)
from tests.operations.forms import address, sent, text_of
from workflow.models import Consulted, Membership, Signature

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def operation():
    return operation_at(State.UNDER_REVIEW)


@pytest.fixture
def lead(client, operation):
    somebody = person(operation, Role.LEAD_SERVICE)
    client.force_login(somebody)
    return somebody


def asked(operation):
    tasks = again(operation).case.tasks.open().filter(step="opine")
    return set(tasks.values_list("unit__code", flat=True))


def test_one_more_service_is_consulted(client, operation, lead):
    person_of(unit("dreal"), Role.CONSULTED)
    before = asked(operation)
    said = sent(operation, unit=unit("dreal").pk, **WHY)

    response = client.post(address("consult", operation), said, follow=True)

    page = text_of(response)
    assert "L’avis est demandé." in page
    assert asked(operation) == before | {"dreal"}
    assert f"0 avis reçu sur {len(before) + 1}" in page
    assert f"Consulter un service de plus : {unit('dreal').name}" in page


def test_one_service_fewer_is_awaited(client, operation, lead):
    region = unit("region")
    url = address("dismiss", operation, region.pk)
    assert "Ne plus attendre cet avis" in text_of(
        client.get(address("detail", operation))
    )

    client.post(url, sent(operation, **WHY))

    assert "region" not in asked(operation)
    assert client.get(url).status_code == 404


def test_when_all_are_consulted_the_page_says_so(client, operation, lead):
    consulted = operation.case.parties.filter(role=Role.CONSULTED).values("unit")
    others = Membership.objects.filter(role=Role.CONSULTED).exclude(unit__in=consulted)
    others.delete()

    page = text_of(client.get(address("consult", operation)))

    assert "Tous les services qui rendent des avis sont déjà consultés." in page
    assert "Demander son avis" not in page


def test_the_owner_consults_nobody(client, operation):
    client.force_login(person(operation, Role.OWNER))

    page = text_of(client.get(address("consult", operation)))

    assert "Cette modification revient à : service instructeur chef de file." in page


def test_a_late_opinion_is_shown_as_such(client, operation, lead):
    adviser = people(operation, Role.CONSULTED)[0]
    at = operation.case.changed_at + 60 * DAY

    fire(operation, "give_opinion", by=adviser, at=at, direction="unfavourable")

    page = text_of(client.get(address("detail", operation)))
    assert "Hors délai" in page
    assert Consulted.objects.get(task__unit__code="region").is_late


def test_an_operation_marked_protected_later_consults_the_udap(client):
    operation = operation_at(State.DRAFT)
    owner = person(operation, Role.OWNER)
    client.force_login(owner)
    form = client.get(address("edit", operation)).context["form"]
    said = {name: form[name].value() for name in form.fields}
    said = {name: value for name, value in said.items() if value not in (None, False)}

    response = client.post(
        address("edit", operation), said | sent(operation, is_protected="on")
    )

    assert response.status_code == 302
    consulted = operation.case.parties.filter(role=Role.CONSULTED)
    assert "udap-62" in set(consulted.values_list("unit__code", flat=True))


def test_the_udap_has_two_months():
    operation = operation_at(State.UNDER_REVIEW, is_protected=True)

    due = dict(
        operation.case.tasks.filter(step="opine").values_list("unit__code", "due_at")
    )

    assert (due["udap-62"] - due["region"]).days in {28, 29, 30, 31}


def corrected(operation):
    """Return the plan as it stands, half of it moved to the owner."""
    rows = [("fnadt", unit("sgar").pk, "1000"), ("own", "", "9779000")]
    said = {"lines-TOTAL_FORMS": "2", "lines-INITIAL_FORMS": "0"}
    for number, (scheme, funder, amount) in enumerate(rows):
        said |= {
            f"lines-{number}-scheme": scheme,
            f"lines-{number}-funder": funder,
            f"lines-{number}-amount_cents": amount,
        }
    return sent(operation, **said)


@pytest.mark.parametrize("kind", Kind)
def test_to_correct_the_plan_strikes_the_signatures_of_the_copil_out(client, kind):
    operation = operation_at(State.AWAITING_COPIL, kind)
    fire(operation, "validate", by=person(operation, Role.COPIL_STATE), **COPIL_SAT)
    client.force_login(person(operation, Role.LEAD_SERVICE))
    assert "L’accord porte sur le coût, le plan de financement" in text_of(
        client.get(address("detail", operation))
    )

    response = client.post(address("plan", operation), corrected(operation))

    assert response.status_code == 302, text_of(response)
    [signature] = Signature.objects.filter(case=operation.case, move="validate")
    assert signature.struck_by.move == "correct_plan"
    page = text_of(client.get(address("detail", operation)))
    assert "Signatures rayées Valider au COPIL : le plan de financement" in page


def test_a_plan_that_the_copil_approved_is_not_touched_until_it_is_sent_back(client):
    operation = operation_at(State.FUNDING)
    client.force_login(person(operation, Role.LEAD_SERVICE))

    page = text_of(client.get(address("plan", operation)))
    assert "« Valider au COPIL » a approuvé : le plan de financement." in page

    page = text_of(client.get(address("move", operation, "return_to_copil")))
    assert "Accords défaits « Valider au COPIL », signé par" in page
    fire(operation, "return_to_copil", by=person(operation, Role.LEAD_SERVICE), **WHY)
    response = client.post(address("plan", operation), corrected(operation))
    assert response.status_code == 302, text_of(response)


def test_the_copil_reads_what_was_said_beside_its_decision(client):
    operation = operation_at(State.AWAITING_COPIL)
    client.force_login(person(operation, Role.COPIL_STATE))

    for url in (address("detail", operation), address("move", operation, "validate")):
        page = text_of(client.get(url))
        assert "Pour décider" in page
        assert "Projet mûr." in page
        assert "Consigner l’avis favorable du comité" in page
        assert "Aucun service n’a émis de réserve ni d’avis défavorable." in page


def test_a_suspended_operation_is_withdrawn_unless_its_aid_was_awarded():
    operation = operation_at(State.SUSPENDED)

    fire(operation, "withdraw", by=person(operation, Role.OWNER), **WHY)

    assert again(operation).case.state == State.WITHDRAWN
    assert not again(operation).case.tasks.unfinished().exists()
