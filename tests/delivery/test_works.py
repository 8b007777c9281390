"""The calendar of the works, planned then announced; and their photographs."""

import datetime
import hashlib
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from erbm.delivery import commands, queries
from erbm.delivery.models import Phase, Photo
from flows.operation import State
from flows.roles import Role
from tests.operations.factories import (
    DAY,
    PDF,
    again,
    auditor,
    operation_at,
    person,
    stranger,
)
from tests.operations.forms import address, sent, text_of
from tests.operations.test_pictures import taken
from workflow.models import Event
from workflow.trail import verify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

FROM, TO = datetime.date(2026, 6, 1), datetime.date(2026, 9, 30)
PNG = taken("PNG")


def keep(operation, *phases, role=Role.OWNER, by=None):
    commands.keep_schedule(
        operation_id=operation.pk,
        process=operation.process,
        phases=phases,
        seen=again(operation).case.version,
        key=uuid.uuid4(),
        by=by or person(operation, role),
        at=again(operation).case.changed_at + DAY,
    )
    return list(operation.phases.all())


def planned(name="Rue des Violettes", **said):
    days = {"planned_from": FROM, "planned_to": TO}
    return commands.Planned(name=name, **days | said)


@pytest.fixture
def funded():
    return operation_at(State.FUNDED)


@pytest.fixture
def started():
    operation = operation_at(State.FUNDED)
    keep(operation, planned())
    from tests.operations.factories import start

    start(again(operation))
    return again(operation)


def test_the_owner_plans_phases_and_milestones_in_their_order(funded):
    kept = keep(funded, planned(dwellings=24), planned("Réception", planned_from=None))

    assert [(one.rank, one.name, one.is_milestone) for one in kept] == [
        (1, "Rue des Violettes", False),
        (2, "Réception", True),
    ]
    told = Event.objects.select_related("text").latest("pk")
    assert '"schedule":[[],[' in told.body
    assert "Violettes" not in told.body
    assert "Violettes" in told.text.text
    assert verify.problems_of(again(funded).case) == []


def test_what_was_planned_changes_until_the_works_begin(funded):
    keep(funded, planned())

    [one] = keep(funded, planned(planned_to=TO + DAY))

    assert one.planned_to == TO + DAY


def test_once_they_have_begun_another_end_is_announced(started):
    [one] = keep(started, planned(forecast_to=TO + 30 * DAY))

    assert one.planned_to == TO
    assert one.days_late == 30
    assert one.expected_to == TO + 30 * DAY


@pytest.mark.parametrize(
    "phases", [[], [planned(planned_to=TO + DAY)], [planned("Rue des Lilas")]]
)
def test_once_they_have_begun_what_was_planned_stays(started, phases):
    with pytest.raises(commands.MoveRefused, match="ce qui était prévu ne change plus"):
        keep(started, *phases)


def test_a_phase_may_be_added_on_the_way(started):
    assert len(keep(started, planned(), planned("Rue des Lilas"))) == 2


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"planned_to": FROM - DAY}, "la fin prévue vient avant le début"),
        (
            {"actual_from": FROM, "actual_to": FROM - DAY},
            "se termine avant de commencer",
        ),
        ({"actual_from": datetime.date(2199, 1, 1)}, "ne l’est pas demain"),
    ],
)
def test_days_follow_one_another(funded, said, why):
    with pytest.raises(commands.MoveRefused, match=why):
        keep(funded, planned(**said))
    assert not Phase.objects.exists()


def test_one_day_is_enough_for_a_phase(funded):
    [one] = keep(funded, planned(planned_to=FROM))

    assert one.planned_to == one.planned_from


def test_thirty_phases_are_kept_and_not_one_more(funded):
    many = [planned(f"Phase {number}") for number in range(31)]

    with pytest.raises(commands.MoveRefused, match="30 phases au plus"):
        keep(funded, *many)
    assert len(keep(funded, *many[:30])) == 30


def test_the_database_refuses_days_out_of_order(funded):
    with pytest.raises(IntegrityError), transaction.atomic():
        Phase.objects.create(
            operation=funded, rank=1, name="A", planned_from=TO, planned_to=FROM
        )


@pytest.mark.parametrize("role", [Role.LEAD_SERVICE, Role.FUNDER, Role.CONSULTED])
def test_nobody_else_keeps_the_calendar(funded, role):
    with pytest.raises(commands.MoveRefused):
        keep(funded, planned(), role=role)


def test_nothing_is_planned_before_the_copil_nor_after_the_end():
    for state in (State.AWAITING_COPIL, State.DELIVERED):
        with pytest.raises(commands.MoveRefused):
            keep(operation_at(state), planned())


def test_an_end_beyond_the_delay_that_runs_stands_out(client, started):
    late = started.deadline_on + DAY
    keep(started, planned(forecast_to=late))

    works = queries.works_of(again(started))

    assert works.is_beyond_deadline
    client.force_login(auditor())
    assert "dépasse le délai en cours" in text_of(
        client.get(address("detail", started))
    )


def schedule(operation, *rows):
    said = {"phases-TOTAL_FORMS": str(len(rows)), "phases-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        said |= {f"phases-{number}-{name}": value for name, value in row.items()}
    return sent(operation, **said)


def test_the_calendar_is_kept_by_its_form(client, funded):
    client.force_login(person(funded, Role.OWNER))
    url = reverse("delivery:schedule", args=[funded.pk])
    assert client.get(url).status_code == 200
    row = {"name": "Rue des Violettes", "planned_to": TO.isoformat()}

    more = client.post(url, schedule(funded, row) | {"intent": "more"})
    assert more.context["form"].lines.total_form_count() == 4
    response = client.post(url, schedule(funded, row), follow=True)

    page = text_of(response)
    assert "Le calendrier est enregistré." in page
    assert "Rue des Violettes (jalon)" in page
    assert funded.phases.get().planned_to == TO


def test_a_form_without_a_day_is_shown_again(client, funded):
    client.force_login(person(funded, Role.OWNER))
    url = reverse("delivery:schedule", args=[funded.pk])

    response = client.post(url, schedule(funded, {"name": "Sans jour"}))

    assert response.status_code == 422
    assert not funded.phases.exists()


def show(client, operation, *, content=PNG, name="mur.png", taken_on="2026-02-10"):
    return client.post(
        reverse("delivery:photo_new", args=[operation.pk]),
        {
            "key": str(uuid.uuid4()),
            "caption": "Un mur isolé",
            "taken_on": taken_on,
            "file": SimpleUploadedFile(name, content),
        },
    )


def test_a_photograph_is_joined_shown_and_given_as_an_attachment(client, started):
    client.force_login(person(started, Role.OWNER))

    assert show(client, started).status_code == 302

    photo = Photo.objects.get()
    assert photo.document.kind == "photo"
    page = client.get(address("detail", started)).text
    url = address("document", started, photo.pk)
    assert f'src="{url}"' in page
    response = client.get(url)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["Content-Type"] == "image/png"
    content = b"".join(response.streaming_content)
    assert b"Dupont" in PNG
    assert b"Dupont" not in content
    assert hashlib.sha256(content).hexdigest() == photo.document.sha256


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (PDF, "mur.pdf"),
        (PDF, "mur.png"),
        (b"MZ", "mur.jpg"),
        (b"<svg/>", "mur.svg"),
        (PNG[:60], "mur.png"),
    ],
)
def test_what_is_no_picture_is_refused(client, started, content, name):
    client.force_login(person(started, Role.OWNER))

    assert show(client, started, content=content, name=name).status_code == 422
    assert not Photo.objects.exists()


def test_a_photograph_of_tomorrow_is_refused(client, started):
    client.force_login(person(started, Role.OWNER))

    assert show(client, started, taken_on="2199-01-01").status_code == 422
    assert not Photo.objects.exists()


def test_strangers_find_neither_page(client, started):
    client.force_login(stranger())

    for name in ("schedule", "photo_new"):
        url = reverse(f"delivery:{name}", args=[started.pk])
        assert client.get(url).status_code == 404
