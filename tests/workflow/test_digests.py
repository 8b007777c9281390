"""A letter of the day leaves once, and a notice is written once, whoever hurries."""

import datetime
import functools

import pytest

from tests.library.factories import Town
from tests.workflow.databases import race
from workflow import digests, notices
from workflow.deadlines import LOCAL
from workflow.models import Digest, Notice
from workflow.models.notices import Reason, Topic

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,  # eight connections at once
    pytest.mark.django_db(transaction=True),
]

DAY = datetime.date(2026, 12, 1)


def paris(hour):
    return datetime.datetime.combine(DAY, datetime.time(hour), tzinfo=LOCAL)


def test_workers_at_once_tell_once_and_send_one_letter():
    town = Town()
    loan = town.loan_at("asked")
    fact = notices.Fact(loan.case, Topic.DECISION, "Vu", "once")
    reader = [notices.Addressee(town.reader, Reason.FOLLOWS)]
    write = functools.partial(notices.write, fact, reader, paris(7))

    assert race([write] * 8) == [None] * 8

    left = []

    def note(user, told, key):
        left.append((user, [notice.text for notice in told]))

    send = functools.partial(digests.send_due, at=paris(9), send=note)
    assert sorted(race([send] * 8)) == [0] * 7 + [1]
    assert left == [(town.reader, ["Vu"])]
    assert Notice.objects.get().mailed_at == paris(9)
    assert Digest.objects.get().sent_at == paris(9)
