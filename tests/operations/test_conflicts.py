"""The screens on which a conflict of interest is declared, shown and lifted."""

import uuid

import pytest

from flows.operation import State
from flows.roles import Role
from tests.operations.factories import (
    WHY,
    again,
    operation_at,
    person,
    person_of,
    unit,
)
from tests.operations.forms import address, moves_in, text_of
from workflow.models import Conflict, Event, Task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def said(about, **more):
    return {"key": str(uuid.uuid4()), "about": about.pk, **WHY, **more}


@pytest.fixture
def operation():
    return operation_at(State.PROPOSED)


@pytest.fixture
def checker(operation):
    return person(operation, Role.LEAD_SERVICE)


def declare(client, operation, by, about=None):
    client.force_login(by)
    return client.post(
        address("conflict_declare", operation), said(about or by), follow=True
    )


def test_who_declares_sees_it_and_has_nothing_left_to_do(client, operation, checker):
    response = declare(client, operation, checker)

    page = text_of(response)
    assert "Le conflit d’intérêts est déclaré." in page
    assert f"{checker} ne prend plus part à ce qui se décide ici" in page
    assert moves_in(response, operation) == set()
    assert operation.case.reference not in client.get("/taches/").text
    assert Conflict.objects.get().user == checker


def test_the_form_of_a_move_says_the_words_of_the_engine(client, operation, checker):
    declare(client, operation, checker)

    page = text_of(client.get(address("move", operation, "declare_complete")))

    assert "Vous avez un conflit d’intérêts sur ce dossier, déclaré le" in page


def test_a_claim_is_refused_with_the_same_words(client, operation, checker):
    declare(client, operation, checker)
    task = Task.objects.open().get(case=operation.case)

    response = client.post(f"/taches/{task.pk}/prendre/", follow=True)

    assert "Vous avez un conflit d’intérêts sur ce dossier" in text_of(response)
    assert again(operation).case.tasks.get(pk=task.pk).owner is None


def test_the_project_director_declares_it_for_another_and_lifts_it(
    client, operation, checker
):
    director = person(operation, Role.PROJECT_DIRECTOR)
    page = declare(client, operation, director, about=checker)
    assert "Lever ce conflit" in text_of(page)

    response = client.post(
        address("conflict_lift", operation, checker.pk),
        {"key": str(uuid.uuid4()), **WHY},
        follow=True,
    )

    assert "Le conflit d’intérêts est levé." in text_of(response)
    assert not again(operation).case.has_conflicts
    journal = text_of(client.get(address("trail", operation)))
    assert f"Conflit d’intérêts déclaré : {checker}" in journal
    assert f"Conflit d’intérêts levé : {checker}" in journal


def test_nobody_else_speaks_of_her(client, operation, checker):
    owner = person(operation, Role.OWNER)

    response = declare(client, operation, owner, about=checker)

    assert response.status_code == 422
    assert not Conflict.objects.exists()


def test_a_reason_is_asked(client, operation, checker):
    client.force_login(checker)

    response = client.post(
        address("conflict_declare", operation), said(checker, reason=" ")
    )

    assert response.status_code == 422
    assert not Event.objects.filter(kind="conflict").exists()


def test_who_may_not_know_of_it_is_told_nothing(client, operation):
    client.force_login(person_of(unit("sia-habitat"), Role.OWNER))

    assert client.get(address("conflict_declare", operation)).status_code == 404


def test_her_colleagues_are_still_asked(client, operation, checker):
    colleague = person_of(
        operation.case.parties.get(role=Role.LEAD_SERVICE).unit,
        Role.LEAD_SERVICE,
        "dominique",
    )
    declare(client, operation, checker)
    client.force_login(colleague)

    assert "declare_complete" in moves_in(
        client.get(address("detail", operation)), operation
    )
