"""The reference data in the database, for the modules whose tests all need it."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction


@pytest.fixture(scope="module")
def reference(django_db_setup, django_db_blocker):
    """Hold the reference data until the module's tests are over."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_reference", stdout=StringIO())
        yield
        transaction.set_rollback(True)
