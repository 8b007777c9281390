"""When bodies sit: the rule of each, and the year that follows from it."""

import datetime
import uuid

import pytest

from erbm import words
from erbm.committees import commands
from erbm.committees.models import Body, Sitting
from erbm.committees.planning import LAST, Rhythm, days_of
from flows.roles import Role
from tests.committees import factories
from tests.committees.factories import COPIL, LENS, body, moment, secretary
from tests.operations.factories import person_of, unit
from workflow.refusals import Ground

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

NEW_YEAR = moment(datetime.date(2026, 1, 2))


def test_the_second_tuesday_of_every_second_month():
    days = days_of(Rhythm(first_month=2, every_months=2, week=2, weekday=1), 2026)

    assert [f"{day:%d/%m}" for day in days] == [
        "10/02",
        "14/04",
        "09/06",
        "11/08",
        "13/10",
        "08/12",
    ]


def test_the_last_thursday_of_every_sixth_month():
    days = days_of(Rhythm(first_month=6, every_months=6, week=LAST, weekday=3), 2026)

    assert [f"{day:%d/%m}" for day in days] == ["25/06", "31/12"]


def test_a_public_holiday_leaves_its_place_to_the_next_worked_day():
    days = days_of(Rhythm(first_month=5, every_months=12, week=1, weekday=4), 2026)

    assert days == [datetime.date(2026, 5, 4)]  # Friday the 1st, then a weekend


def test_the_four_committees_the_copil_and_the_financers_are_there():
    assert Body.objects.in_service().count() == 6
    for one in Body.objects.all():
        roles = set(one.seats.values_list("role", flat=True))
        assert Role.COMMITTEE_SECRETARY in roles
        assert any(seat.is_chair for seat in one.seats.all())
        assert one.source
    assert {seat.role for seat in body(COPIL).seats.all() if seat.is_chair} == {
        Role.COPIL_STATE,
        Role.COPIL_REGION,
    }


def plan(code=LENS, *, by=None, at=NEW_YEAR, year=2026):
    return commands.plan_year(
        body_id=body(code).pk, year=year, by=by or secretary(code), at=at
    )


def test_the_year_is_planned_once_however_often_one_asks():
    first = plan()

    assert len(first) == 6
    assert plan() == []
    assert Sitting.objects.filter(body=body()).count() == 6


def test_a_sitting_that_was_moved_is_not_planned_again():
    sitting = factories.again(plan()[2])
    commands.edit_sitting(
        asked=factories.asked(sitting, sitting.case.version),
        held_on=sitting.held_on + datetime.timedelta(days=1),
        starts_at=datetime.time(9, 30),
        place="Mairie",
        by=secretary(),
        at=NEW_YEAR,
    )

    moved = factories.again(sitting)
    assert moved.case.title.endswith(words.day(datetime.date(2026, 5, 16)))
    assert moved.freeze_on == datetime.date(2026, 5, 6)
    assert plan() == []


def test_days_that_have_passed_are_not_planned():
    assert len(plan(at=moment(datetime.date(2026, 6, 1)))) == 3


def test_only_who_keeps_the_calendar_of_a_body_plans_its_sittings():
    for stranger in (
        secretary(COPIL),
        factories.chair(),
        person_of(unit("sous-prefecture-lens"), Role.LEAD_SERVICE),
    ):
        with pytest.raises(commands.MoveRefused) as caught:
            plan(by=stranger)
        assert [one.ground for one in caught.value.refusals] == [Ground.ROLE]
    assert not Sitting.objects.exists()


def test_a_form_sent_twice_plans_one_sitting():
    said = {
        "body_id": body().pk,
        "held_on": factories.HELD_ON,
        "place": "",
        "key": uuid.uuid4(),
        "by": secretary(),
        "at": NEW_YEAR,
    }

    assert commands.plan_sitting(**said) == commands.plan_sitting(**said)


def test_a_sitting_is_not_planned_in_the_past():
    with pytest.raises(commands.MoveRefused) as caught:
        factories.planned(at=moment(factories.HELD_ON + datetime.timedelta(days=1)))

    assert caught.value.refusals[0].field == "held_on"


def test_a_body_without_its_secretary_opens_nothing():
    body().seats.filter(role=Role.COMMITTEE_SECRETARY).update(
        role=Role.PROJECT_DIRECTOR
    )
    director = factories.seat(Role.PROJECT_DIRECTOR)

    with pytest.raises(commands.MoveRefused) as caught:
        plan(by=director)

    assert "secrétariat du comité" in caught.value.refusals[0].message
