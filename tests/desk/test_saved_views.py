"""Views are tabs: a question under a name, asked with the rights of each reader."""

import html

import pytest
from django.urls import reverse

from flows.roles import Role
from tests.desk import scenes
from tests.desk.scenes import references, shown
from tests.operations import factories
from workflow.models import DefaultView, Membership, SavedView

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def owner(client):
    person = scenes.owner()
    client.force_login(person)
    return person


@pytest.fixture
def view(client, owner):
    address = f"{reverse('save_view')}?box=units&q=epinette"
    response = client.post(f"{address}&sort=amount&kind=autre", {"name": "Lens"})
    assert response.status_code == 302
    return SavedView.objects.get()


def inbox(client, **params):
    response = client.get(reverse("inbox"), params, follow=True)
    assert response.status_code == 200
    return response


def shared(client, view):
    """Share a view with the unit of its author."""
    unit = factories.unit("maisons-et-cites")
    asked = {"name": view.name, "unit": unit.pk}
    client.post(reverse("revise_view", args=[view.pk]), asked)
    view.refresh_from_db()
    assert view.unit == unit


def test_a_view_keeps_what_makes_sense_of_a_question(view):
    assert view.box == "units"
    assert view.said == {"q": "epinette", "sort": "amount"}


def test_a_view_is_a_tab_that_asks_its_question(client, owner, view):
    lens, _ = scenes.opened(title="Cité de l’Épinette")[0], scenes.opened()[0]

    (tab,) = inbox(client, box="mine").context["views"]
    response = client.get(tab.url)

    assert shown(response) == references([lens])
    assert response.context["views"][0].is_current
    assert 'aria-current="page">Lens' in response.text


def test_a_view_finds_what_answers_on_the_day_it_is_opened(client, owner, view):
    (tab,) = inbox(client, box="mine").context["views"]
    before = shown(client.get(tab.url))
    operation = scenes.opened(title="Cité de l’Épinette")[0]

    assert before == []
    assert shown(client.get(tab.url)) == references([operation])


def test_a_shared_view_asks_with_the_rights_of_its_reader(client, owner, view):
    mine = scenes.opened(title="L’Épinette")[0]
    shared(client, view)
    reader = factories.person_of(factories.unit("sia-habitat"), Role.OWNER, "zoe")
    theirs = scenes.opened(body="sia-habitat", title="L’Épinette")[0]
    Membership.objects.create(
        user=reader,
        unit=factories.unit("maisons-et-cites"),
        role=Role.CONSULTED,
        starts_on="2020-01-01",
    )
    client.force_login(reader)

    (tab,) = inbox(client, box="mine").context["views"]
    response = client.get(tab.url)

    assert shown(response) == references([theirs])
    assert mine.case.reference not in response.text


def test_a_view_that_is_not_shared_is_nobody_elses(client, view):
    client.force_login(scenes.colleague())

    assert inbox(client, box="mine").context["views"] == []
    assert "Lens" not in client.get(reverse("views")).text
    for name in ("revise_view", "delete_view", "open_on_view", "replace_view"):
        posted = client.post(reverse(name, args=[view.pk]), {"name": "À moi"})
        assert posted.status_code == 404


def test_a_colleague_uses_a_shared_view_and_leaves_it_as_it_is(client, view):
    shared(client, view)
    client.force_login(scenes.colleague())

    assert "par Camille owner" in client.get(reverse("views")).text
    for name in ("revise_view", "delete_view", "replace_view"):
        answer = client.post(
            reverse(name, args=[view.pk]), {"name": "À moi"}, follow=True
        )
        assert "se modifie par son auteur" in html.unescape(answer.text)
    view.refresh_from_db()
    assert view.name == "Lens"


def test_the_head_of_the_unit_manages_what_is_shared_with_it(client, view):
    shared(client, view)
    head = scenes.colleague()
    Membership.objects.filter(user=head).update(is_head=True)
    client.force_login(head)

    client.post(reverse("revise_view", args=[view.pk]), {"name": "Tout Lens"})
    view.refresh_from_db()

    assert (view.name, view.unit) == ("Tout Lens", None)


def test_the_inbox_opens_on_the_view_of_ones_choice(client, view):
    client.post(reverse("open_on_view", args=[view.pk]))

    response = client.get(reverse("inbox"))
    assert response.status_code == 302
    assert f"view={view.pk}" in response.url
    client.post(reverse("open_on_no_view"))
    assert client.get(reverse("inbox")).status_code == 200


def test_a_view_is_deleted_with_its_tab(client, view):
    client.post(reverse("open_on_view", args=[view.pk]))
    client.post(reverse("delete_view", args=[view.pk]))

    assert not SavedView.objects.exists()
    assert not DefaultView.objects.exists()
    assert inbox(client).context["views"] == []


def test_a_view_takes_the_filters_of_the_page(client, view):
    address = reverse("replace_view", args=[view.pk])
    client.post(f"{address}?box=overdue&kind=subsidy")
    view.refresh_from_db()

    assert (view.box, view.said) == ("overdue", {"kind": "subsidy"})


@pytest.mark.parametrize("name", ["", "Lens", "x" * 61])
def test_a_name_that_will_not_do_is_said(client, view, name):
    response = client.post(reverse("save_view"), {"name": name})

    assert response.status_code == 422
    assert SavedView.objects.count() == 1
    assert "fr-message--error" in response.text or "fr-error-text" in response.text


def test_one_shares_with_ones_own_units_only(client, view):
    other = factories.unit("dreal")
    asked = {"name": "Lens", "unit": other.pk}
    response = client.post(reverse("revise_view", args=[view.pk]), asked)

    assert response.status_code == 422
    view.refresh_from_db()
    assert view.unit is None


def test_many_views_cost_no_more_statements(
    client, view, django_assert_max_num_queries
):
    client.get(reverse("views"))
    with django_assert_max_num_queries(8) as few:
        client.get(reverse("views"))
    for number in range(9):
        client.post(reverse("save_view"), {"name": f"Vue {number}"})
    inbox(client, box="units")
    with django_assert_max_num_queries(8) as many:
        client.get(reverse("views"))
    # One of them reads what one may not answer, for all the boxes.
    with django_assert_max_num_queries(11):
        inbox(client, box="units")

    assert len(many) == len(few)
