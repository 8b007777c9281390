"""The reference data, read once for all the tests of a module that asks for it."""

import pytest

from tests.operations import factories
from tests.operations.fixtures import reference

__all__ = ["reference"]


@pytest.fixture
def auditor(client):
    """Sign an auditor of everything in."""
    person = factories.auditor()
    client.force_login(person)
    return person
