"""Who a person is towards a case, and which cases she may know of."""

import dataclasses
import datetime

import pytest

from tests.library.factories import NOW, person, unit
from tests.library.factories import town as place
from tests.library.lifecycle import PROCESS, Role
from workflow import standing
from workflow.models import Case, Unit
from workflow.standing import memberships_of, standing_on, visible_cases, visible_of

pytestmark = pytest.mark.django_db

TODAY = NOW.date()


def visible(user, on=TODAY):
    held = memberships_of(user, on)
    seen = set(visible_cases(held))
    versions = standing.bound_processes()
    assert seen == {case for version in versions for case in visible_of(version, held)}
    return seen


@pytest.fixture
def cases(town):
    return {
        code: town.loan_at("asked", place=place(code)).case
        for code in ("lens", "bethune")
    }


def test_a_party_sees_its_cases(town, cases):
    for user in (town.reader, town.librarian, town.mayor):
        assert visible(user) == set(cases.values())


def test_a_unit_that_is_no_party_sees_nothing(town, cases):
    assert visible(person("ella", Role.LIBRARIAN, place=unit("other"))) == set()


def test_a_party_sees_by_the_role_it_plays(town, cases):
    assert visible(person("olaf", Role.MAYOR, place=unit("unit-librarian"))) == set()


def test_a_party_sees_within_its_jurisdiction(town, cases):
    local = person("lola", Role.LIBRARIAN, within=place("lens"))

    assert visible(local) == {cases["lens"]}


def test_a_reader_sees_every_case_of_her_jurisdiction(town, cases):
    local = person("ines", Role.INSPECTOR, within=place("lens"))

    assert visible(town.inspector) == set(cases.values())
    assert visible(local) == {cases["lens"]}


def test_a_reader_of_one_version_reads_no_other(town, cases, monkeypatch):
    closed = dataclasses.replace(PROCESS, version=2, readers=frozenset())
    monkeypatch.setattr(standing, "bound_processes", lambda: [PROCESS, closed])
    Case.objects.filter(pk=cases["lens"].pk).update(process_version=2)

    assert visible(town.inspector) == {cases["bethune"]}


def test_who_holds_nothing_now_sees_nothing(town, cases):
    former = person("fred", Role.INSPECTOR, ends_on="2026-03-01")
    nobody = person("nora")

    assert visible(former) == visible(nobody) == set()
    assert visible(town.inspector, on=datetime.date(2025, 12, 31)) == set()


def test_a_unit_that_is_closed_sees_nothing(town, cases):
    Unit.objects.filter(code="unit-mayor").update(is_active=False)

    assert visible(town.mayor) == set()


def test_a_case_is_seen_once_through_several_memberships(town, cases):
    person("irma", Role.MAYOR)

    found = visible_cases(memberships_of(town.inspector, TODAY))
    assert found.count() == 2


def test_what_one_may_know_is_one_query(town, cases, django_assert_num_queries):
    person("irma", Role.MAYOR)
    memberships = memberships_of(town.inspector, TODAY)

    with django_assert_num_queries(1):
        list(visible_cases(memberships))


def test_a_standing_says_what_is_held_and_by_whom_the_rest_is(town, cases):
    person("lena", Role.MAYOR, within=place("bethune"))

    standings = {
        code: standing_on(case, memberships_of(town.librarian, TODAY))
        for code, case in cases.items()
    }

    assert set(standings["lens"].held) == {"librarian"}
    assert set(standings["bethune"].held) == {"librarian", "mayor"}
    assert standings["lens"].held["librarian"] == (unit("unit-librarian"),)
    assert standings["lens"].parties["mayor"] == (unit("unit-mayor"),)


def test_the_first_role_held_is_in_the_order_asked(town, cases):
    person("lena", Role.MAYOR)
    standing = standing_on(cases["lens"], memberships_of(town.librarian, TODAY))

    assert standing.first_held(["director", "mayor", "librarian"]) == "mayor"
    assert standing.first_held(["librarian", "mayor"]) == "librarian"
    assert standing.first_held(["director"]) is None
    assert standing.first_held([]) is None
