"""A sub-prefect finds what she decides, what she chairs, and what is stuck."""

import datetime
import html

import pytest
from django.urls import reverse
from django.utils import timezone

from erbm.territory.models import Commune
from flows.operation import State
from flows.roles import Role
from tests.committees import factories as sittings
from tests.desk import scenes
from tests.desk.scenes import shown
from tests.desk.test_pipeline import total_of
from tests.operations import factories
from workflow.models import Case, Membership, Task, Unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

LENS = "sous-prefecture-lens"


def sub_prefect(client, code=LENS):
    """Sign in the sub-prefect of an arrondissement, bound to it."""
    person = factories.person_of(factories.unit(code), Role.SUB_PREFECT, "alix")
    place = code.replace("sous-prefecture", "arrondissement")
    held = Membership.objects.get(user=person)
    held.jurisdiction = Commune.objects.get(
        code={"lens": scenes.LENS, "douai": scenes.DOUAI}[place.rpartition("-")[2]]
    ).committee.jurisdiction
    held.save()
    client.force_login(person)
    return person


def page(client):
    response = client.get(reverse("own_arrondissement"))
    assert response.status_code == 200
    return response


def test_her_arbitrations_come_first_the_oldest_before(client):
    later, sooner = (factories.operation_at(State.ARBITRATION) for _ in range(2))
    Case.objects.filter(pk=sooner.pk).update(changed_at=factories.START)
    sub_prefect(client)

    response = page(client)

    assert response.context["desk"].arbitrations == [sooner, later]
    for one in (later, sooner):
        assert reverse("committees:arbitration", args=[one.pk]) in response.text


def test_those_of_another_arrondissement_are_not_hers(client):
    operation = factories.operation_at(State.ARBITRATION)
    sub_prefect(client, "sous-prefecture-douai")

    response = page(client)

    assert operation.case.title not in response.text
    assert "Aucun arbitrage ne vous est demandé" in html.unescape(response.text)


def test_her_next_sitting_says_whether_its_agenda_is_frozen(client):
    today = timezone.localdate()
    far, near = (today + datetime.timedelta(days=n) for n in (80, 40))
    sittings.planned(held_on=far)
    sittings.planned(held_on=today - datetime.timedelta(days=1))
    sub_prefect(client)
    next_ = sittings.planned(held_on=near)

    before = page(client)
    Case.objects.filter(pk=next_.pk).update(state="convened")
    after = page(client)

    [found] = before.context["desk"].sittings
    assert found.sitting == next_
    assert "Ordre du jour ouvert" in before.text
    assert "Ordre du jour arrêté" in after.text


def test_its_agenda_is_listed_in_order(client):
    sitting = sittings.proposed(
        operations=2, held_on=timezone.localdate() + datetime.timedelta(days=40)
    )
    sub_prefect(client)

    [found] = page(client).context["desk"].sittings

    assert list(found.items) == sitting.agenda()


def test_no_sitting_is_said_to_be_none(client):
    sub_prefect(client)

    assert "aucune séance n’est prévue" in page(client).text


def test_what_is_stuck_is_counted_unit_by_unit_as_its_list_does(client):
    scenes.opened(2)
    scenes.opened(1, body="sia-habitat")
    scenes.opened(1, commune=scenes.DOUAI)
    Task.objects.update(sort_at=scenes.NOW, due_at=scenes.NOW)
    fresh = scenes.opened()[0]
    sub_prefect(client)

    response = page(client)
    stuck = response.context["stuck"]

    assert [(one.stuck.unit, one.stuck.operations) for one in stuck] == [
        ("maisons-et-cites", 2),
        ("sia-habitat", 1),
    ]
    for one in stuck:
        listed = client.get(one.url)
        assert total_of(listed) == one.stuck.operations
        assert fresh.case.reference not in shown(listed)
        assert str(Unit.objects.get(code=one.stuck.unit)) in html.unescape(listed.text)
    assert total_of(client.get(response.context["late_url"])) == 3
    assert response.context["desk"].late == 3


def test_nothing_late_is_said_to_be_nothing(client):
    sub_prefect(client)

    assert "Rien n’est en retard" in page(client).text


def test_the_day_of_a_sub_prefect_starts_there(client):
    sub_prefect(client)

    response = client.get(reverse("home"))

    assert response.url == reverse("own_arrondissement")


@pytest.mark.parametrize("person", [scenes.director, scenes.owner, scenes.nobody])
def test_nobody_else_has_that_page(client, person):
    client.force_login(person())

    assert client.get(reverse("own_arrondissement")).status_code == 404


def test_its_cost_does_not_depend_on_what_waits(client, django_assert_max_num_queries):
    sub_prefect(client)
    scenes.opened(1)
    sittings.proposed(held_on=timezone.localdate() + datetime.timedelta(days=40))
    Task.objects.update(sort_at=scenes.NOW)
    page(client)
    with django_assert_max_num_queries(16) as few:
        page(client)
    for _ in range(2):
        factories.operation_at(State.ARBITRATION)
    scenes.opened(5, body="sia-habitat")
    Task.objects.update(sort_at=scenes.NOW)
    with django_assert_max_num_queries(16) as many:
        page(client)

    assert len(few) == len(many)
