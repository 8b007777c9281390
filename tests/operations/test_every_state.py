"""What holds in every state of both procedures, each reached by real moves."""

import itertools

import pytest

from erbm.cases import journal
from erbm.operations.models import Kind
from flows.operation import State
from flows.roles import Role
from tests.operations.factories import auditor, operation_at, person
from tests.operations.fixtures import shared
from tests.operations.forms import address, moves_in, text_of
from workflow.models import Event
from workflow.trail import verify

pytestmark = pytest.mark.django_db


@pytest.fixture(
    scope="module",
    params=list(itertools.product(State, Kind)),
    ids=lambda walk: "-".join(walk),
)
def operation(request, reference, django_db_blocker):
    """Walk once, for all the tests below."""
    with shared(django_db_blocker):
        yield operation_at(*request.param)


def test_its_trail_is_whole(operation):
    assert verify.problems_of(operation.case) == []


def test_its_page_is_shown_to_a_reader_and_offers_her_nothing(client, operation):
    client.force_login(auditor())

    response = client.get(address("detail", operation))

    assert response.status_code == 200
    text = text_of(response)
    assert operation.case.reference in text
    assert State(operation.case.state).label in text
    assert not moves_in(response, operation)


def test_its_page_is_not_dear(client, operation, django_assert_max_num_queries):
    client.force_login(person(operation, Role.OWNER))
    client.get(address("detail", operation))

    # Each part of the page asks once, whatever its length.
    with django_assert_max_num_queries(30):
        client.get(address("detail", operation))


def test_every_event_is_told_in_words(operation):
    events = Event.objects.filter(case=operation.case).select_related("text")
    lines = journal.read(events.order_by("seq"))

    known = {move.label for move in operation.process.moves}
    known |= {edit.label for edit in operation.process.edits}
    known.add("Ouverture du dossier")
    assert [line.seq for line in lines] == list(range(1, operation.case.latest_seq + 1))
    for line in lines:
        assert line.what.removesuffix(" (signature)").split(" : ")[0] in known
        assert line.actor.startswith("Camille")
        assert line.role
        assert line.unit
        assert not [label for label, _ in line.details if "_" in label]
