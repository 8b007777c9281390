"""The lists of sittings: filtered, the next first, and planned for a year."""

import datetime
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from erbm.committees import commands
from tests.committees import factories
from tests.committees.factories import body, chair, secretary

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def page(name, *args):
    return reverse(f"committees:{name}", args=args)


def test_sittings_are_listed_by_body_and_by_state(visit):
    sitting = factories.planned()

    address = page("list")
    listed = visit(secretary(), f"{address}?when=")
    assert sitting.case.reference in listed.text
    assert "Planifier une année" in listed.text
    assert (
        sitting.case.reference not in visit(secretary(), f"{address}?body=copil").text
    )
    for kept in ("?state=planned", "?step=prepare", "?when=passees"):
        assert sitting.case.reference in visit(secretary(), address + kept).text
    assert "Planifier une année" not in visit(chair(), address).text


def test_what_is_to_come_is_listed_first_unless_all_is_asked_for(visit):
    past = factories.planned()
    later, sooner = (
        commands.plan_sitting(
            body_id=past.body_id,
            held_on=timezone.localdate() + datetime.timedelta(days=days),
            place="",
            key=uuid.uuid4(),
            by=secretary(),
            at=timezone.now(),
        )
        for days in (40, 20)
    )

    listed = visit(secretary(), page("list")).text

    assert past.case.reference not in listed
    assert listed.index(sooner.case.reference) < listed.index(later.case.reference)


def test_a_year_is_planned_from_its_page(visit):
    address = page("plan_year", body().pk)

    assert visit(chair(), address).status_code == 404
    assert "deuxième jeudi" in visit(secretary(), address).text
    answer = visit(secretary(), address, year="2031")

    assert answer.status_code == 302
    assert body().sittings.count() == 6
