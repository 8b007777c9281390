"""A row that somebody holds for too long: one tries again, and loses nothing."""

import threading
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.urls import path

from erbm import errors
from flows.operation import State
from flows.roles import Role
from tests.operations import factories
from tests.operations.forms import address, sent
from workflow.models import Case


class LockTimeout(Exception):
    sqlstate = errors.LOCK_NOT_AVAILABLE


def held(request):
    raise OperationalError("canceling statement due to lock timeout") from LockTimeout()


def broken(request):
    raise OperationalError("server closed the connection unexpectedly")


urlpatterns = [path("held/", held), path("broken/", broken)]


@pytest.mark.urls(__name__)
class TestPages:
    def test_a_page_asks_to_try_again(self, client, settings):
        settings.MIDDLEWARE = ["erbm.errors.BusyMiddleware"]

        response = client.get("/held/")

        assert response.status_code == 503
        assert response.headers["Retry-After"] == "2"
        assert "recommencez dans un instant" in response.text

    def test_another_failure_is_not_hidden(self, client, settings):
        settings.MIDDLEWARE = ["erbm.errors.BusyMiddleware"]

        with pytest.raises(OperationalError, match="closed"):
            client.get("/broken/")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.slow  # the tables are emptied, then filled again
def test_what_was_typed_is_kept(client):
    call_command("load_reference", stdout=StringIO())
    operation = factories.operation_at(State.UNDER_REVIEW)
    client.force_login(factories.person(operation, Role.LEAD_SERVICE))
    taken, done = threading.Event(), threading.Event()

    def hold():
        with transaction.atomic():
            Case.objects.select_for_update().get(pk=operation.pk)
            taken.set()
            done.wait(30)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    taken.wait(30)
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    url = address("move", operation, "suspend")
    response = client.post(url, sent(operation, reason="Attente du maire."))
    done.set()
    holder.join()

    assert response.status_code == 503
    assert "Attente du maire." in response.text
    assert errors.BUSY in response.text
    assert Case.objects.get(pk=operation.pk).state == State.UNDER_REVIEW
