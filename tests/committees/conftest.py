"""The reference data, read once for all the tests of a module; who visits a page."""

import uuid

import pytest

from tests.operations.fixtures import reference

__all__ = ["reference"]


@pytest.fixture
def visit(client):
    """Ask for a page as somebody; return the answer."""

    def ask(person, address, **sent):
        client.force_login(person)
        if sent:
            return client.post(address, {"key": str(uuid.uuid4()), **sent})
        return client.get(address)

    return ask
