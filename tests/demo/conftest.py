"""The demonstration, loaded once as it would be on a given day."""

import datetime
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test.utils import override_settings

from erbm.demo.loading import load

TODAY = datetime.datetime(2026, 11, 23, 9, 30, tzinfo=datetime.UTC)
PASSWORD = "une phrase de passe"
DEMO = {"DEMO": True, "DEMO_PASSWORD": PASSWORD}


@pytest.fixture(scope="module")
def demonstration(django_db_setup, django_db_blocker):
    """Hold the demonstration until the module's tests are over."""
    held = transaction.atomic()
    held._from_testcase = True  # the commands then open what they believe to be theirs
    with django_db_blocker.unblock(), override_settings(**DEMO), held:
        call_command("load_reference", stdout=StringIO())
        load(at=TODAY)
        yield settings
        transaction.set_rollback(True)
