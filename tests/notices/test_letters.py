"""What comes by e-mail, when each person wants it, and once."""

import datetime

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from erbm.notices import notifications
from erbm.notices.forms import CHOSEN
from flows.operation import State
from flows.roles import Role
from tests.notices.test_notices import delivered, follow, notices_after
from tests.operations.factories import operation_at, person, person_of, unit
from workflow import digests, notices
from workflow.deadlines import LOCAL
from workflow.models import Event, Membership, Message, Notice, Preference
from workflow.models.notices import Pace, Reason, Topic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

DAY = datetime.date(2026, 12, 1)


def paris(day, hour, minute=0):
    moment = datetime.time(hour, minute)
    return datetime.datetime.combine(day, moment, tzinfo=LOCAL)


@pytest.fixture
def operation():
    operation = operation_at(State.DRAFT)
    person(operation, Role.LEAD_SERVICE)
    Message.objects.update(done_at=timezone.now())
    mail.outbox.clear()
    return operation


@pytest.fixture
def director(operation):
    name = person_of(unit("direction-projet-erbm"), Role.PROJECT_DIRECTOR)
    return follow(name, operation)


def choose(user, **paces):
    paces = {"" if k == "overall" else k: v for k, v in paces.items()}
    notices.choose(paces=paces, by=user, at=timezone.now())


def told(user, operation, *, at, number=1, pace=Pace.DAILY):
    """Tell a person several things at a moment."""
    event = Event.objects.filter(case=operation.case).order_by("pk")[0]
    return Notice.objects.bulk_create(
        Notice(
            user=user,
            case=operation.case,
            event=event,
            topic=Topic.DECISION,
            reason=Reason.FOLLOWS,
            text=f"Nouvelle {rank}",
            key=f"{at}.{rank}",
            created_at=at,
            pace=pace,
        )
        for rank in range(number)
    )


def send(at):
    mail.outbox.clear()
    digests.send_due(at=at, send=notifications.send_digest)
    return list(mail.outbox)


def to(user):
    return [letter for letter in mail.outbox if user.email in letter.to]


# At once


@pytest.mark.parametrize(
    ("paces", "letters"),
    [
        ({}, 0),
        ({"decision": "at_once"}, 1),
        ({"overall": "at_once"}, 1),
        ({"overall": "at_once", "decision": "never"}, 0),
        ({"overall": "never"}, 0),
    ],
)
def test_a_decision_is_written_at_once_to_who_wishes_it(
    operation, director, paces, letters
):
    choose(director, **paces)

    notices_after(operation, "submit", Role.OWNER)

    assert len(to(director)) == letters


def test_the_letter_says_why_and_belongs_to_a_thread(operation, director, settings):
    settings.BASE_URL = "https://erbm.example"
    choose(director, overall="at_once")

    notices_after(operation, "submit", Role.OWNER)

    [letter] = to(director)
    assert "parce que vous suivez ce dossier" in letter.body
    assert f"https://erbm.example/operations/{operation.pk}/" in letter.body
    assert "https://erbm.example/compte/notifications/" in letter.body
    headers = letter.extra_headers
    assert headers["References"] == f"<case.{operation.pk}@erbm.invalid>"
    assert headers["List-Id"] == "<notifications.erbm.invalid>"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Message-ID"].startswith("<notice.")
    assert letter.message().as_bytes()


def test_a_letter_delivered_again_is_not_sent_again(operation, director):
    choose(director, overall="at_once")
    notices_after(operation, "submit", Role.OWNER)

    mail.outbox.clear()
    Message.objects.filter(listener__contains="in_the_application").update(done_at=None)
    delivered()

    assert to(director) == []


@pytest.mark.parametrize(("pace", "letters"), [("at_once", 1), ("daily", 0)])
def test_what_is_asked_is_written_to_who_wishes_it_at_once(operation, pace, letters):
    lead = person(operation, Role.LEAD_SERVICE)
    choose(lead, asked=pace)

    found = notices_after(operation, "submit", Role.OWNER)

    assert len(to(lead)) == letters
    assert found.get(user=lead).pace == pace


@pytest.mark.parametrize(("paces", "letters"), [({}, 0), ({"asked": "at_once"}, 1)])
def test_the_mailbox_receives_and_its_people_too_if_they_wish(
    operation, paces, letters
):
    lead = person(operation, Role.LEAD_SERVICE)
    service = unit("ddtm-62")
    service.email = "erbm@ddtm.example"
    service.save()
    choose(lead, **paces)

    notices_after(operation, "submit", Role.OWNER)

    assert [x for x in mail.outbox if "erbm@ddtm.example" in x.to]
    assert len(to(lead)) == letters


def test_what_is_owed_to_the_owner_knows_no_preference(operation):
    owner = person(operation, Role.OWNER)
    choose(owner, overall="never")

    notices_after(operation, "submit", Role.OWNER)

    [receipt] = to(owner)
    assert "reçue le" in receipt.body


# Once a day


def test_the_letter_of_the_day_gathers_case_by_case(operation, director):
    told(director, operation, at=paris(DAY, 7), number=3)

    assert send(paris(DAY, 8, 29)) == []
    [letter] = send(paris(DAY, 8, 30))

    assert letter.to == [director.email]
    assert letter.subject.endswith("3 nouvelles du 1er\u00a0décembre 2026")
    assert letter.body.count(operation.case.reference) == 1
    assert letter.body.count("parce que vous suivez ce dossier") == 3
    assert letter.extra_headers["Message-ID"] == (
        f"<digest.{director.pk}.2026-12-01@erbm.invalid>"
    )


def test_it_leaves_once_a_day_however_often_beat_asks(operation, director):
    told(director, operation, at=paris(DAY, 7))
    assert len(send(paris(DAY, 8, 30))) == 1

    told(director, operation, at=paris(DAY, 8))  # written late, by a slow worker
    told(director, operation, at=paris(DAY, 9))

    assert send(paris(DAY, 8, 31)) == send(paris(DAY, 23)) == []
    assert len(send(paris(DAY + datetime.timedelta(days=1), 8, 30))) == 1


def test_it_leaves_late_when_beat_was_down_and_tells_all(operation, director):
    told(director, operation, at=paris(DAY, 7))
    told(director, operation, at=paris(DAY + datetime.timedelta(days=1), 9))

    [letter] = send(paris(DAY + datetime.timedelta(days=2), 15))

    assert letter.body.count("Nouvelle 0") == 2


def test_nothing_to_say_is_not_said(operation, director):
    told(director, operation, at=paris(DAY, 7))
    notices.read(by=director, at=paris(DAY, 8))
    assert send(paris(DAY, 9)) == []

    told(director, operation, at=paris(DAY, 7, 30))
    Membership.objects.filter(user=director).update(ends_on=datetime.date(2025, 1, 1))
    assert send(paris(DAY, 9)) == []


def test_who_wants_it_no_more_does_not_receive_it(operation, director):
    told(director, operation, at=paris(DAY, 7))

    choose(director, decision="never")

    assert send(paris(DAY, 9)) == []


@pytest.mark.parametrize(
    "day", [datetime.date(2026, 3, 29), datetime.date(2026, 10, 25)]
)
def test_a_change_of_hour_neither_skips_nor_repeats_it(operation, director, day):
    told(director, operation, at=paris(day, 1))
    start = paris(day, 0).astimezone(datetime.UTC)

    letters = [
        len(send(start + datetime.timedelta(minutes=30 * step))) for step in range(50)
    ]

    assert sum(letters) == 1
    left = start + datetime.timedelta(minutes=30 * letters.index(1))
    assert left.astimezone(LOCAL).time() == digests.HOUR


def test_one_that_fails_leaves_later_and_holds_nobody_up(operation, director):
    lead = person(operation, Role.LEAD_SERVICE)
    told(director, operation, at=paris(DAY, 7))
    told(lead, operation, at=paris(DAY, 7))
    left, down = [], [director]

    def broken(user, told, key):
        if user in down:
            raise ConnectionError("le serveur ne répond pas")
        left.append(user)

    at = paris(DAY, 9)
    assert digests.send_due(at=at, send=broken) == 1
    down.clear()
    assert digests.send_due(at=at, send=broken) == 0  # still held
    assert digests.send_due(at=at + digests.LEASE * 2, send=broken) == 1
    assert left == [lead, director]


# The page of one's choices


def test_one_chooses_on_a_page(client, director):
    client.force_login(director)
    page = reverse("notice_choices")
    assert "Le courriel du jour part à 8&nbsp;h&nbsp;30" in client.get(page).text
    said = dict.fromkeys(("overall", *CHOSEN), "usual")

    response = client.post(
        page, said | {"overall": "daily", "asked": "at_once"}, follow=True
    )

    assert "Vos choix sont enregistrés." in response.text
    chosen = Preference.objects.filter(user=director).values_list("topic", "pace")
    assert set(chosen) == {("", "daily"), ("asked", "at_once")}

    client.post(page, said | {"asked": "at_once"})
    assert Preference.objects.filter(user=director).count() == 1
    assert client.post(page, said | {"asked": "yearly"}).status_code == 422
