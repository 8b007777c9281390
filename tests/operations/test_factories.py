"""Every state is reached by real moves, so that every test may start from it."""

import pytest

from erbm.operations.models import Kind
from flows.operation import State
from tests.operations.factories import operation_at
from workflow.trail import verify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("state", State)
def test_every_state_is_reached_with_its_trail_whole(state, kind):
    operation = operation_at(state, kind)

    assert operation.case.state == state
    assert verify.problems_of(operation.case) == []
