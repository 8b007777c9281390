"""However late events are committed, each is sealed once, and each root goes on."""

import datetime
import random
import threading
import time
from itertools import pairwise

from django.db import connection, transaction
from django.db.models import Count

from bars.ground import Ground
from bench.trails import entry_of
from workflow.models import Case, Checkpoint, Entry, EntryKind, Event, Leaf
from workflow.trail import chain, merkle, register

LASTS = 2.0  # seconds that a transaction may last
CASES = 3  # of each writer


def trials(sizes):
    """Write with many while one seals, then examine each event and each checkpoint."""
    ground = Ground()
    loans = ground.town.loans(sizes.writers * CASES)
    keys = [loan.case_id for loan in loans]
    _write_and_seal(ground, keys, sizes)
    ground.seal()
    yield from _leaves()
    yield from _roots()


def _write_and_seal(ground, keys, sizes):
    over = threading.Event()
    until = time.monotonic() + sizes.seconds
    sealer = threading.Thread(target=_keep_sealing, args=(ground, over))
    writers = [
        threading.Thread(
            target=_write, args=(ground, keys[number :: sizes.writers], until, number)
        )
        for number in range(sizes.writers)
    ]
    for thread in (sealer, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    sealer.join()


def _keep_sealing(ground, over):
    try:
        while not over.wait(1):
            ground.at += datetime.timedelta(seconds=1)
            ground.seal()
    finally:
        connection.close()


def _write(ground, keys, until, seed):
    chance = random.Random(seed)  # noqa: S311
    try:
        while time.monotonic() < until:
            with transaction.atomic():
                key = chance.choice(keys)
                case = Case.objects.select_for_update().get(pk=key)
                chain.append(case, entry_of(ground.town))
                case.save_head()
                register.enter(
                    EntryKind.LIST_EXPORTED, by=ground.town.reader, at=ground.at
                )
                time.sleep(chance.uniform(0, LASTS))
    finally:
        connection.close()


def _leaves():
    """Expect one leaf for each event, and for each entry."""
    for model in (Event, Entry):
        counted = model.objects.annotate(leaves=Count("leaf")).order_by("pk")
        for key, leaves in counted.values_list("pk", "leaves").iterator():
            yield "" if leaves == 1 else f"{model.__name__} {key} has {leaves} leaves"


def _roots():
    """Expect a proof that each checkpoint continues the one before."""
    hashes = Leaf.objects.order_by("index").values_list("hash", flat=True)
    leaves = [merkle.leaf(bytes(hashed)) for hashed in hashes]
    checkpoints = Checkpoint.objects.order_by("size").values_list("size", "root")
    roots = [(size, bytes(root)) for size, root in checkpoints]
    for first, second in pairwise(roots):
        proof = merkle.consistency(leaves[: second[0]], first[0])
        holds = merkle.is_consistent(first, second, proof)
        yield "" if holds else f"{second[0]} does not continue {first[0]}"
