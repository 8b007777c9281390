"""What the trail costs: to verify it, and to write it when all decide at once."""

import itertools
import threading
import time
from dataclasses import dataclass

from django.db import connection, transaction

from tests.library.factories import NOW
from workflow.models import Case
from workflow.trail import chain, verify

EVENTS_PER_CASE = 10
BATCH = 500
CLIENTS = 8
BUSINESS = 0.010  # seconds that a decision keeps its case locked, besides


@dataclass(frozen=True)
class Trails:
    """Events a second."""

    verified: float
    appended_apart: float
    appended_together: float


def measure(town, *, cases, seconds):
    """Verify a trail, then append to many cases and to one alone."""
    keys = write_trails(town, cases)
    return Trails(
        verified=_verify(keys),
        appended_apart=_append(town, keys, seconds),
        appended_together=_append(town, keys[:1], seconds),
    )


def write_trails(town, cases):
    keys = []
    for start in range(0, cases, BATCH):
        loans = town.loans(min(BATCH, cases - start))
        with transaction.atomic():
            drafts = [
                chain.draft(loan.case, entry_of(town))
                for loan in loans
                for _ in range(EVENTS_PER_CASE - 1)
            ]
            chain.write(drafts)
            Case.objects.bulk_update(
                [loan.case for loan in loans], ["latest_seq", "latest_hash"]
            )
        keys += [loan.pk for loan in loans]
    return keys


def entry_of(town):
    return chain.Entry(
        kind="move",
        move="ask",
        actor=town.reader,
        at=NOW,
        role="reader",
        facts={
            "from": "wished",
            "to": "wished",
            "process_digest": "5" * 64,
            "inputs": {"until": "2026-03-20"},
            "changes": {"due_on": [None, "2026-03-20"]},
        },
        texts={"reason": "Parce que le lecteur l’a demandé."},
    )


def _verify(keys):
    start, events = time.process_time(), 0
    for verdict in verify.check(Case.objects.filter(pk__in=keys)):
        assert not verdict.problems, verdict.problems
        events += verdict.events
    return events / (time.process_time() - start)


def _append(town, keys, seconds):
    """Append from several clients, each to the next of these cases."""
    done, until = [], time.monotonic() + seconds
    clients = [
        threading.Thread(
            target=_client, args=(town, keys[number::CLIENTS] or keys, until, done)
        )
        for number in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return sum(done) / seconds


def _client(town, keys, until, done):
    count = 0
    for key in itertools.cycle(keys):
        if time.monotonic() > until:
            break
        with transaction.atomic():
            case = Case.objects.select_for_update().get(pk=key)
            time.sleep(BUSINESS)
            chain.append(case, entry_of(town))
            case.save(update_fields=["latest_seq", "latest_hash"])
        count += 1
    connection.close()
    done.append(count)
