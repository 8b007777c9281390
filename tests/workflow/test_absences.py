"""A substitution is set by who is away or by a head of her unit, and by nobody else."""

import datetime

import pytest
from django.db import transaction

from tests.library.factories import NOW, TODAY, person, stands_in, unit
from tests.library.lifecycle import Role
from workflow import substitutions
from workflow.models import AppendOnly, Membership, Substitution
from workflow.standing import memberships_of
from workflow.substitutions import SubstitutionNotFound, SubstitutionRefused

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
WEEK = (TODAY + DAY, TODAY + 5 * DAY)


@pytest.fixture
def deputy(town):
    """Somebody from elsewhere, who stands in for the librarian today."""
    deputy = person("dora", "archivist")
    stands_in(deputy, town.librarian)
    return deputy


def heads(name, place, role="archivist"):
    user = person(name, role, place=place)
    Membership.objects.filter(user=user).update(is_head=True)
    return user


def lent_to(user, on=TODAY):
    return {m.role for m in memberships_of(user, on) if m.principal}


def test_a_head_of_the_unit_sets_it_for_a_member(town):
    head = heads("hugo", unit("unit-librarian"))
    deputy = person("dora", "archivist")

    stands_in(deputy, town.librarian, by=head, unit=unit("unit-librarian"))

    assert lent_to(deputy) == {"librarian"}


def test_what_a_head_sets_lends_what_her_unit_gives(town):
    person("lena", Role.MAYOR)
    head = heads("hugo", unit("unit-mayor"))
    deputy = person("dora", "archivist")

    stands_in(deputy, town.librarian, by=head, unit=unit("unit-mayor"))

    held = {membership.role for membership in memberships_of(deputy, TODAY)}
    assert held == {"archivist", "mayor"}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"substitute": "lena"}, "Personne ne se supplée soi-même."),
        ({"substitute": "nora"}, "Nora n’a plus ni compte ouvert ni rôle."),
        ({"days": (TODAY - DAY, TODAY)}, "ne commence pas dans le passé"),
        ({"days": (TODAY + DAY, TODAY)}, "ne peut finir avant de commencer"),
        ({"processes": ["unheard"]}, "Procédure inconnue : unheard."),
    ],
)
def test_what_makes_no_sense_is_refused(town, said, reason):
    person("nora")
    deputy = person(said.pop("substitute", "denis"))

    with pytest.raises(SubstitutionRefused, match=reason):
        stands_in(deputy, town.librarian, **said)

    assert not Substitution.objects.exists()


@pytest.mark.parametrize(
    ("name", "place"),
    [("denis", None), ("carla", None), ("hugo", None), ("hugo", "unit-mayor")],
    ids=["stranger", "colleague", "head, no unit", "head of another unit"],
)
def test_who_is_neither_absent_nor_head_sets_nothing(town, name, place):
    person("carla", Role.LIBRARIAN)
    heads("hugo", unit("unit-mayor"))

    with pytest.raises(SubstitutionRefused) as caught:
        stands_in(
            town.reader,
            town.librarian,
            by=person(name),
            unit=unit(place) if place else None,
        )

    assert str(caught.value) == substitutions.NOT_YOURS


def test_no_head_gives_herself_the_powers_of_another(town):
    head = heads("hugo", unit("unit-librarian"))

    with pytest.raises(SubstitutionRefused, match="Personne ne se donne"):
        stands_in(head, town.librarian, by=head, unit=unit("unit-librarian"))


@pytest.mark.parametrize("processes", [[], ["loan"]])
def test_a_person_has_one_substitute_at_a_time(town, processes):
    stands_in(town.mayor, town.librarian, days=WEEK, processes=["loan"])

    with pytest.raises(SubstitutionRefused) as caught:
        stands_in(
            town.director,
            town.librarian,
            days=(WEEK[1], WEEK[1] + DAY),
            processes=processes,
        )

    assert str(caught.value) == (
        "Marie supplée déjà Lena du 03/03/2026 au 07/03/2026 : révoquez-le d’abord."
    )


def test_one_substitute_follows_another(town):
    stands_in(town.mayor, town.librarian)
    stands_in(town.director, town.librarian, days=WEEK)

    assert Substitution.objects.count() == 2


@pytest.mark.parametrize("who", ["lena", "hugo"])
def test_it_is_revoked_by_whom_it_concerns(town, who):
    head = heads("hugo", unit("unit-librarian"))
    deputy = person("dora", "archivist")
    set_up = stands_in(deputy, town.librarian, by=head, unit=unit("unit-librarian"))

    with transaction.atomic():
        substitutions.revoke(substitution_id=set_up.pk, by=person(who), at=NOW)

    assert not lent_to(deputy)
    set_up.refresh_from_db()
    assert (set_up.revoked_by, set_up.revoked_at) == (person(who), NOW)
    stands_in(deputy, town.librarian)


@pytest.mark.parametrize("who", ["denis", "dora", "hugo"])
def test_it_is_not_another_s_to_revoke(town, deputy, who):
    heads("hugo", unit("unit-librarian"))

    with pytest.raises(SubstitutionNotFound), transaction.atomic():
        substitutions.revoke(
            substitution_id=Substitution.objects.get().pk, by=person(who), at=NOW
        )

    assert lent_to(deputy) == {"librarian"}


def test_what_is_over_is_not_revoked(town, deputy):
    with pytest.raises(SubstitutionNotFound), transaction.atomic():
        substitutions.revoke(
            substitution_id=Substitution.objects.get().pk,
            by=town.librarian,
            at=NOW + DAY,
        )


def test_a_substitution_is_its_own_record(town, deputy):
    kept = Substitution.objects.get()
    kept.last_day = TODAY + DAY

    with pytest.raises(AppendOnly):
        kept.save()
    with pytest.raises(AppendOnly):
        kept.delete()
