"""The reference data in the database, for the modules whose tests all need it."""

from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction


@pytest.fixture(scope="module")
def reference(django_db_setup, django_db_blocker):
    """Hold the reference data until the module's tests are over."""
    with shared(django_db_blocker):
        call_command("load_reference", stdout=StringIO())
        yield


@contextmanager
def shared(django_db_blocker):
    """Keep what is written for several tests, then undo it."""
    atomic = transaction.atomic()
    # As Django marks those of its own test cases: commands may be outermost in it.
    atomic._from_testcase = True
    with django_db_blocker.unblock(), atomic:
        yield
        transaction.set_rollback(True)
