"""Every page of the audit is for auditors alone, whatever one asks of it."""

import pytest
from django.urls import reverse

from erbm.audit import urls
from flows.operation import State
from flows.roles import Role
from tests.desk import scenes
from tests.operations import factories
from tests.operations.factories import operation_at
from workflow.models import Entry, VerificationRequest

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

ARGS = {
    "reference": lambda case: case.reference,
    "seq": lambda case: 1,
    "size": lambda case: 1,
}


def administrator():
    body = factories.unit("direction-projet-erbm")
    return factories.person_of(body, Role.ADMINISTRATOR)


@pytest.fixture
def case():
    return operation_at(State.DRAFT).case


def address(page, case):
    converters = page.pattern.converters
    kwargs = {name: ARGS[name](case) for name in converters}
    return reverse(f"audit:{page.name}", kwargs=kwargs)


@pytest.mark.parametrize("page", urls.urlpatterns, ids=lambda page: page.name)
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_else_opens_a_page(client, case, page, method):
    url = address(page, case)
    assert getattr(client, method)(url).status_code == 302  # to sign in
    for who in (scenes.owner, scenes.director, scenes.nobody, administrator):
        client.force_login(who())

        response = getattr(client, method)(url)

        assert response.status_code in {404, 405}, who
    assert not Entry.objects.filter(kind="audit_seen").exists()
    assert not VerificationRequest.objects.exists()
