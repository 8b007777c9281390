"""Several workers, some of which die: nothing is lost, what is done twice shows it."""

import datetime
import functools
import time
from collections import Counter

import pytest
from django.db import connection
from django.utils import timezone

from tests.library import lifecycle
from tests.library.factories import Town, fire
from tests.workflow import worker
from tests.workflow.databases import race
from workflow import outbox
from workflow.models import Message

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,  # workers in threads, and in processes
    pytest.mark.django_db(transaction=True),
]

MESSAGES = 100


def ask(count):
    town = Town()
    for loan in town.loans(count):
        fire(loan, lifecycle.ASK, by=town.reader)


def test_two_workers_never_take_the_same_message(listen):
    listen(worker.note, lifecycle.ASK)
    ask(20)

    taken = race([functools.partial(outbox._lease, timezone.now())] * 30)

    keys = [message.key for message in taken if message]
    assert len(keys) == len(set(keys)) == 20


def test_an_effect_is_done_outside_any_transaction(listen):
    open_ones = []

    def look(event, *, key, at):
        open_ones.append(connection.in_atomic_block)

    listen(look)
    ask(1)
    outbox.deliver(limit=1, at=timezone.now())

    assert open_ones == [False]


def test_workers_that_are_killed_lose_nothing(listen, tmp_path):
    listen(worker.note, lifecycle.ASK)
    ask(MESSAGES)
    notes = tmp_path / "notes"
    notes.touch()

    def done():
        return notes.read_text().split()

    kills = (30, 60)
    for enough in kills:
        with worker.start(notes) as process:
            wait_until(lambda enough=enough: len(done()) >= enough)
            process.kill()
        Message.objects.filter(done_at=None).update(
            lease_until=timezone.now() - datetime.timedelta(seconds=1)
        )
    with worker.start(notes) as process:
        wait_until(lambda: not Message.objects.filter(done_at=None).exists())
        process.kill()

    times = Counter(done())
    assert set(times) == set(Message.objects.values_list("key", flat=True))
    assert times.total() - MESSAGES <= len(kills)
    repeated = {key for key, count in times.items() if count > 1}
    tried_again = Message.objects.filter(attempts__gt=1)
    assert repeated <= set(tried_again.values_list("key", flat=True))


def wait_until(ready):
    deadline = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < deadline
        time.sleep(0.02)
