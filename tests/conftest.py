"""What every test lives under: no network, and the database that it asks for."""

import ipaddress
import socket

import hypothesis
import pytest
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations

from tests.intruder import guards_down

hypothesis.settings.register_profile(
    # A shared machine is slow at times: a deadline would fail by chance.
    "suite",
    deadline=None,
    print_blob=True,
)
hypothesis.settings.load_profile("suite")


def pytest_runtest_setup(item):
    # To skip would look like a success.
    if item.get_closest_marker("postgres") and connection.vendor != "postgresql":
        pytest.fail("This test needs PostgreSQL: run it by `make test`.")


def pytest_collection_modifyitems(config, items):
    if connection.vendor == "postgresql":
        # The others give there what they gave on SQLite.
        pure = [item for item in items if not _is_for_postgresql(item)]
        config.hook.pytest_deselected(items=pure)
        items[:] = filter(_is_for_postgresql, items)


def _is_for_postgresql(item):
    if item.get_closest_marker("sqlite"):
        return False
    asked = {"db", "transactional_db", "live_server"}.intersection(item.fixturenames)
    return bool(asked or item.get_closest_marker("django_db"))


@pytest.fixture(autouse=True, scope="session")
def _no_network():
    """Refuse to leave the machine: a test that needs to would fail elsewhere."""
    connect = socket.socket.connect

    def connect_here(self, address):
        if self.family != socket.AF_UNIX and not _is_here(address[0]):
            raise AssertionError(f"A test tried to reach {address}.")
        return connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_here)
        yield


def _is_here(host):
    return host == "localhost" or ipaddress.ip_address(host).is_loopback


@pytest.fixture(autouse=True, scope="session")
def _emptied_by_its_owner():
    """Let the tables be emptied after a test that commits, and never otherwise."""
    flush = BaseDatabaseOperations.execute_sql_flush

    def flush_as_owner(self, sql_list):
        with guards_down():
            flush(self, sql_list)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", flush_as_owner)
        yield
