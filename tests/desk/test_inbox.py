"""The inbox shows what one may act on, in order, and nothing else, counts included."""

import datetime
import html
import itertools

import pytest
from django.urls import reverse
from django.utils import timezone

from erbm.desk import commands
from erbm.operations.models import Kind
from flows.operation import State
from flows.roles import Role
from tests.desk import scenes
from tests.desk.scenes import references, shown
from tests.operations import factories
from workflow import paging
from workflow.inbox import Box
from workflow.models import Membership, Task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def owner(client):
    person = scenes.owner()
    client.force_login(person)
    return person


def page_of(client, **params):
    response = client.get(reverse("inbox"), params)
    assert response.status_code == 200
    return response


def counts(response):
    return {tab.name: tab.count for tab in response.context["tabs"]}


# Rights


def test_the_tasks_of_ones_units_are_shown(client, owner):
    operation = scenes.opened()[0]

    response = page_of(client)

    assert shown(response) == references([operation])
    assert counts(response) == {
        "mine": "0",
        "units": "1",
        "overdue": "0",
        "followed": "0",
        "done": "0",
    }


@pytest.mark.parametrize(
    "stranger",
    [
        pytest.param(scenes.nobody, id="in no unit"),
        pytest.param(scenes.director, id="sees the operation, is asked nothing"),
        pytest.param(factories.stranger, id="same role, another unit"),
    ],
)
@pytest.mark.parametrize("box", Box)
def test_what_one_may_not_act_on_never_appears(client, stranger, box):
    operation = scenes.opened()[0]
    scenes.due(operation, scenes.NOW - scenes.DAY)
    client.force_login(stranger())

    response = page_of(client, box=box.value)

    assert shown(response) == []
    assert set(counts(response).values()) == {"0"}
    assert operation.case.title not in response.text


def test_a_jurisdiction_limits_what_one_is_asked(client):
    lens, douai = scenes.opened()[0], scenes.opened(commune=scenes.DOUAI)[0]
    person = scenes.nobody()
    Membership.objects.create(
        user=person,
        unit=factories.unit("maisons-et-cites"),
        role=Role.OWNER,
        jurisdiction=lens.case.jurisdiction,
        starts_on=datetime.date(2020, 1, 1),
    )
    client.force_login(person)

    response = page_of(client)

    assert shown(response) == references([lens])
    assert counts(response)["units"] == "1"
    assert douai.case.reference not in response.text


def test_rights_that_have_ended_show_nothing(client, owner):
    scenes.opened()
    Membership.objects.filter(user=owner).update(ends_on=datetime.date(2020, 2, 1))

    assert shown(page_of(client)) == []


def test_what_one_did_leaves_with_the_right_to_know_of_it(client):
    operation = factories.operation_at(State.PROPOSED)
    person = factories.person(operation, Role.OWNER)
    client.force_login(person)
    before = page_of(client, box="done")
    Membership.objects.filter(user=person).delete()
    after = page_of(client, box="done")

    assert shown(before) == [operation.case.reference]
    assert counts(before)["done"] == "1"
    assert shown(after) == []
    assert counts(after)["done"] == "0"


def test_an_anonymous_visitor_signs_in_first(client):
    response = client.get(reverse("inbox"))

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


# Boxes


def test_the_most_urgent_come_first(client, owner):
    late, soon, never, later = scenes.opened(4)
    scenes.due(late, scenes.NOW - scenes.DAY)
    scenes.due(soon, scenes.NOW + scenes.DAY)
    scenes.due(later, scenes.NOW + 9 * scenes.DAY)

    assert shown(page_of(client)) == references([late, soon, later, never])


def test_only_what_is_late_is_late(client, owner):
    late, soon, _never = scenes.opened(3)
    now = timezone.now()
    scenes.due(late, now - 2 * scenes.DAY)
    scenes.due(soon, now + scenes.DAY)

    response = page_of(client, box="overdue")

    assert shown(response) == references([late])
    assert counts(response)["overdue"] == "1"
    assert "en retard de 2\N{NO-BREAK SPACE}jours" in response.text


def test_the_box_with_something_to_do_opens_first(client, owner):
    operations = scenes.opened(2)
    without = page_of(client)
    task = scenes.task_of(operations[0])
    commands.claim(task_id=task.pk, by=owner, at=scenes.NOW)
    with_one = page_of(client)

    assert shown(without) == references(operations)
    assert shown(with_one) == references(operations[:1])


def test_a_box_that_does_not_exist_is_as_none(client, owner):
    operation = scenes.opened()[0]

    assert shown(page_of(client, box="tout")) == references([operation])


def test_what_one_did_says_by_which_move_and_the_latest_first(client):
    first = factories.operation_at(State.PROPOSED)
    second = factories.operation_at(State.PROPOSED, at=factories.START + scenes.DAY)
    client.force_login(factories.person(first, Role.OWNER))

    response = page_of(client, box="done")

    assert shown(response) == references([second, first])
    assert "Déposer" in response.text
    assert "Prendre en charge" not in response.text


def test_each_row_says_what_one_needs_to_choose(client, owner):
    operation = scenes.opened(title="Cité du Bois", cost_cents=3_400_000_00)[0]

    text = html.unescape(page_of(client).text)

    for words in (
        "Compléter et déposer le dossier",
        "à Maisons & Cités",
        "Cité du Bois",
        "Réhabilitation",
        "Lens",
        "Proposition",
        "3,4\N{NO-BREAK SPACE}M€",
        reverse("operations:detail", args=[operation.pk]),
    ):
        assert words in text


def test_more_than_a_thousand_is_said_so(client, owner, monkeypatch):
    monkeypatch.setattr(paging, "COUNT_UP_TO", 2)
    monkeypatch.setattr("erbm.lists.COUNT_UP_TO", 2)
    scenes.opened(3)

    assert counts(page_of(client))["units"] == "2+"


@pytest.mark.parametrize(
    ("box", "words"),
    [
        ("mine", "Vous n’avez pris aucune tâche en charge"),
        ("units", "Rien n’attend vos services"),
        ("overdue", "Aucune tâche n’est en retard"),
        ("later", "Vous n’avez remis aucune tâche à plus tard"),
        ("followed", "Vous ne suivez aucune opération"),
        ("done", "Vous n’avez encore accompli aucune tâche"),
    ],
)
def test_an_empty_box_says_what_to_do(client, owner, box, words):
    response = page_of(client, box=box)

    assert words in response.text
    assert f'href="{response.context["nothing"].url}"' in response.text


def test_a_person_without_unit_is_told_whom_to_ask(client):
    client.force_login(scenes.nobody())

    assert "Vous n’appartenez à aucun service" in page_of(client).text


@pytest.mark.parametrize("box", ["mine", "units", "overdue"])
def test_whoever_is_never_asked_anything_is_told_so(client, box):
    client.force_login(factories.person_of(factories.unit("dreal"), Role.AUDITOR))

    response = page_of(client, box=box)

    assert "Aucune étape ne demande rien à votre fonction" in response.text
    assert f'href="{scenes.LIST}"' in response.text


# Filters


@pytest.fixture
def varied(owner):
    """Return operations that differ in one thing each."""
    return {
        "lens": scenes.opened(title="Cité de l’Épinette")[0],
        "douai": scenes.opened(commune=scenes.DOUAI, title="Cité Morelle")[0],
        "subsidy": scenes.opened(kind=Kind.SUBSIDY, title="École Jean-Macé")[0],
    }


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"jurisdiction": "arrondissement-lens"}, ["lens", "subsidy"]),
        ({"kind": "subsidy"}, ["subsidy"]),
        ({"stage": "proposal"}, ["lens", "douai", "subsidy"]),
        ({"stage": "funding"}, []),
        ({"q": "ecole"}, ["subsidy"]),
        ({"q": "ÉPINETTE cite"}, ["lens"]),
        ({"q": "epinette morelle"}, []),
        ({"q": "douai"}, ["douai"]),
        ({"commune": "LENS"}, ["lens", "subsidy"]),
        ({"commune": scenes.DOUAI}, ["douai"]),
        ({"commune": "introuvable"}, []),
        ({"jurisdiction": "arrondissement-lens", "kind": "rehabilitation"}, ["lens"]),
    ],
)
def test_filters_reduce_the_page_and_the_counts(client, varied, filters, names):
    response = page_of(client, box="units", **filters)

    assert shown(response) == references(varied[name] for name in names)
    assert counts(response)["units"] == str(len(names))


def test_filters_go_along_from_box_to_box_and_can_be_taken_back(client, varied):
    response = page_of(client, box="units", kind="subsidy", q="ecole")
    text = html.unescape(response.text)

    assert 'href="/taches/?box=overdue&q=ecole&kind=subsidy"' in text
    assert 'href="/taches/?box=units&q=ecole"' in text
    assert 'href="/taches/?box=units"' in text


def test_no_task_answers_these_filters(client, varied):
    response = page_of(client, box="units", q="introuvable")

    assert "Aucune tâche ne répond à ces filtres" in response.text


@pytest.mark.parametrize(
    "forged",
    [
        {"kind": "autre"},
        {"stage": "proposal' OR 1=1"},
        {"jurisdiction": "nulle-part"},
        {"q": "x" * 101},
        {"q": "nul\x00"},
        {"after": "2026-01-01~1"},
        {"after": "hier~demain"},
        {"after": "2026-01-01T00:00:00+00:00~" + "9" * 30},
        {"after": "2026-01-01T00:00:00+00:00~" + "9" * 5000},
        {"after": "0001-01-01T00:00:00+14:00~1"},
        {"after": "9999-12-31T23:59:59-14:00~1"},
        {"before": "2026-01-01T00:00:00~1"},
        {"before": "\x00~1"},
        {"box": "done", "after": "~"},
        {"box": "\x00"},
    ],
)
def test_what_was_forged_is_left_out(client, owner, forged):
    operation = scenes.opened()[0]

    response = client.get(reverse("inbox"), forged)

    assert response.status_code == 200
    if forged.get("box") != "done":
        assert shown(response) == references([operation])


# Pages


def walk(client, link, **params):
    """Follow a link from page to page, and return what each shows."""
    response = page_of(client, **params)
    pages = [shown(response)]
    while url := response.context[link]:
        response = client.get(url)
        pages.append(shown(response))
    return pages, response


def test_pages_show_every_task_once_both_ways(client, owner):
    operations = scenes.opened(47)
    for number, operation in enumerate(operations[:30]):
        scenes.due(operation, scenes.NOW + number // 7 * scenes.DAY)

    forth, last = walk(client, "next_url", box="units", kind="rehabilitation")
    back = [shown(last)]
    while url := last.context["previous_url"]:
        last = client.get(url)
        back.append(shown(last))

    assert [len(page) for page in forth] == [20, 20, 7]
    assert [*itertools.chain(*forth)] == references(operations)
    assert back[::-1] == forth


def test_what_one_did_has_pages_too(client, owner):
    scenes.opened(25)
    tasks = list(Task.objects.order_by("id"))
    for number, task in enumerate(tasks):
        at = scenes.NOW + number // 3 * scenes.DAY
        Task.objects.filter(pk=task.pk).update(
            status="DONE",
            finished=at,
            completed_by=owner,
            completed_move="submit",
            worked_days=0,
        )

    pages, _ = walk(client, "next_url", box="done")

    assert [len(page) for page in pages] == [20, 5]
    assert [*itertools.chain(*pages)] == references(reversed(tasks))


def test_queries_do_not_depend_on_the_number_of_tasks(
    client, owner, django_assert_max_num_queries
):
    scenes.opened(10)
    page_of(client)  # the first page of a session writes it
    # One of them reads what one may not answer, for all the boxes.
    with django_assert_max_num_queries(13) as few:
        page_of(client, box="units")
    scenes.opened(50)
    hands = [owner, scenes.colleague(), None]
    for number, task in enumerate(Task.objects.all()):
        Task.objects.filter(pk=task.pk).update(owner=hands[number % 3])
    with django_assert_max_num_queries(13) as many:
        response = page_of(client, box="units", q="cite", kind="rehabilitation")

    assert len(shown(response)) == 20
    assert len(many) == len(few)
