"""A library whose trail has all that a trail can have, and the means to attack it."""

import contextlib
import datetime
import functools
import random

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from tests.library import lifecycle
from tests.library.factories import NOW, WALKS, Town, fire
from workflow.models import Case, Checkpoint, Entry, EntryKind
from workflow.trail import (
    entries,
    erasure,
    register,
    rows,
    sealing,
    seals,
    verify,
)
from workflow.trail.notes import Signer

DAY = datetime.timedelta(days=1)
WAITS = (("workflow_event", "event_waits"), ("workflow_entry", "entry_waits"))


class Ground:
    """The library, its sealer, and a chance that can be thrown again."""

    def __init__(self, seed=20261124):
        self.chance = random.Random(seed)  # noqa: S311
        self.town, self.at = Town(), NOW
        self.signer = new_signer()

    def live(self, days):
        """Live some days, each sealed; the key changes in the middle."""
        for day in range(days):
            self.day()
            if day == days // 2:
                to = new_signer()
                sealing.rotate(by=self.signer, to=to, at=self.at)
                self.signer = to

    def day(self):
        """Walk two loans to some state, write in the register, and seal."""
        self.at += DAY
        for _ in range(2):
            self.town.loan_at(self.chance.choice([*WALKS]))
        register.enter(
            EntryKind.SIGNED_IN,
            by=self.town.reader,
            at=self.at,
            facts={"level": "password"},
        )
        if self.chance.random() < 0.3:
            self.erase()
        self.seal()

    def erase(self):
        """Erase the texts of the first event of some case."""
        case = self.chance.choice([*Case.objects.order_by("pk")])
        with transaction.atomic():
            erasure.erase_texts(
                case_id=case.pk,
                seqs=[1],
                basis="RGPD, art. 17",
                reason="À sa demande.",
                by=self.town.director,
                at=self.at,
            )

    def leave_unsealed(self):
        """Make a move that no checkpoint has seen yet."""
        fire(self.town.loan(), lifecycle.ASK, by=self.town.reader)

    def seal(self):
        return sealing.seal(by=self.signer, at=self.at)

    @staticmethod
    def latest_note():
        return Checkpoint.objects.latest("size").note


def new_signer():
    return Signer.of_pem(settings.TRAIL_ORIGIN, Signer.new_pem())


def problems(witnesses=()):
    """Return all that the verification finds."""
    found = [*seals.check(witnesses).problems]
    for verdict in verify.check(Case.objects.all()):
        found += verdict.problems
    found += verify.astray()
    found += rows.check(Case.objects.all())
    return [*found, *entries.Check(Entry.objects.all())]


@contextlib.contextmanager
def trial():
    """Let a superuser do anything to the tables, then undo it."""
    with transaction.atomic():
        for table in _tables():
            run(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        # What is written must go on waiting for its seal: it is no guard.
        for table, trigger in WAITS:
            run(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
        yield
        transaction.set_rollback(True)


@functools.cache
def _tables():
    models = apps.get_app_config("workflow").get_models()
    return [model._meta.db_table for model in models if not model._meta.proxy]


def run(sql, *parameters):
    """Execute a statement, and return the rows that it gives."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        return cursor.fetchall() if cursor.description else []


@contextlib.contextmanager
def database_of_its_own(name):
    """Work in a copy of the database, as its tables were made."""
    settings_of, former = connection.settings_dict, connection.settings_dict["NAME"]
    connection.close()
    settings_of["NAME"] = "template1"
    run(f'CREATE DATABASE "{name}" TEMPLATE "{former}"')
    connection.close()
    settings_of["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        settings_of["NAME"] = former
