"""A session ends when nobody used it, and after a day's work in any case."""

import datetime

import pytest
from django.utils import timezone

from erbm.accounts.models import User
from erbm.sessions import OPENED, SEEN

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client):
    client.force_login(User.objects.create_user("camille@demo.example"))
    client.get("/healthz")
    return client


def move_back(client, key, hours):
    session = client.session
    session[key] = timezone.now().timestamp() - hours * 3600
    session.save()


def is_signed_in(client):
    client.get("/healthz")
    return "_auth_user_id" in client.session


def test_it_lasts_while_it_is_used(signed_in):
    move_back(signed_in, SEEN, hours=1.9)

    assert is_signed_in(signed_in)
    seen = timezone.now().timestamp() - signed_in.session[SEEN]
    assert seen < datetime.timedelta(minutes=1).total_seconds()


def test_it_ends_when_nobody_used_it(signed_in):
    move_back(signed_in, SEEN, hours=2.1)

    assert not is_signed_in(signed_in)


def test_it_ends_after_a_day_of_work(signed_in):
    move_back(signed_in, OPENED, hours=12.1)

    assert not is_signed_in(signed_in)


def test_a_page_does_not_write_the_session_each_time(
    signed_in, django_assert_num_queries
):
    with django_assert_num_queries(2):  # the session, the person
        signed_in.get("/healthz")
