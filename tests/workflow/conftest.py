"""What the tests of the engine share: a library, and somebody who listens to it."""

import pytest

from tests.library import lifecycle
from tests.library.factories import Town
from workflow import outbox


@pytest.fixture
def town(db):
    return Town()


@pytest.fixture
def listen(monkeypatch):
    """Subscribe functions to the moves of a loan for the time of a test."""
    monkeypatch.setattr(outbox, "_listeners", {})
    monkeypatch.setattr(outbox, "_subscriptions", {})

    def subscribe(listener, *moves, **kinds):
        return outbox.listens_to(lifecycle.PROCESS, *moves, **kinds)(listener)

    return subscribe


@pytest.fixture
def told(listen):
    """Keep what a listener to every move is told."""
    heard = []

    def hear(event, *, key, at):
        heard.append((event, key))

    listen(hear)
    return heard
