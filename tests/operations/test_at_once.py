"""The same form sent several times at once opens one operation, on PostgreSQL."""

import functools
import uuid
from io import StringIO

import pytest
from django.core.management import call_command

from erbm.operations import commands
from erbm.operations.models import Kind, Operation
from erbm.territory.models import Commune
from flows.roles import Role
from tests.operations.factories import START, described, owner_of, person_of
from tests.workflow.databases import race

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,  # the tables are emptied, then filled again
    pytest.mark.django_db(transaction=True),
]


def test_one_of_the_requests_opens_and_all_get_the_same():
    call_command("load_reference", stdout=StringIO())
    lens = Commune.objects.get(code="62498")
    owner = owner_of(Kind.SUBSIDY)
    draft = commands.Draft(
        title="École",
        owner=owner,
        jurisdiction=lens.committee.jurisdiction,
        cost_cents=100,
        communes=[lens],
        facts=described(Kind.SUBSIDY),
        key=uuid.uuid4(),
    )
    send = functools.partial(
        commands.open_operation,
        kind=Kind.SUBSIDY,
        draft=draft,
        by=person_of(owner, Role.OWNER),
        at=START,
    )

    opened = race([send] * 8)

    assert {operation.pk for operation in opened} == {Operation.objects.get().pk}
