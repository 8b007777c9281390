"""The pages from which one looks over a territory: the direction's, a sub-prefect's."""

import datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from erbm.operations.models import Kind
from erbm.programme.models import Envelope
from flows.operation import State
from flows.roles import Role
from tests.committees import factories as sittings
from tests.desk import scenes
from tests.journeys import pictures
from tests.journeys.people import Person
from tests.operations import factories
from workflow.models import Membership, Task

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def cast(browser, live_server):
    call_command("load_reference", stdout=StringIO())

    def sign_in(user):
        return Person(browser, live_server.url, user)

    return sign_in


def see(person, name):
    """Picture the page, and find no fault in it."""
    assert pictures.take(person.page, name) == []


def test_the_director_goes_from_a_figure_to_its_list_and_back(cast):
    factories.operation_at(State.IN_PROGRESS)
    scenes.opened(3, commune=scenes.DOUAI, kind=Kind.SUBSIDY, cost_cents=640_000_00)
    Task.objects.update(sort_at=scenes.NOW, due_at=scenes.NOW)
    for scheme, reserved in (("dsil", 300_000_00), ("fnadt", 700_000_00)):
        Envelope.objects.create(
            scheme=scheme,
            year=timezone.localdate().year,
            granted_cents=1_000_000_00,
            reserved_cents=reserved,
        )
    sittings.planned(held_on=timezone.localdate())
    with cast(scenes.director()) as person:
        page = person.page
        page.wait_for_url(f"**{reverse('dashboard')}")
        see(person, "tableau-de-bord")

        page.set_viewport_size({"width": 1280, "height": 900})
        page.get_by_label("Arrondissement", exact=True).select_option(label="Douai")
        page.get_by_role("button", name="Filtrer").first.click()
        tile = page.get_by_role("link", name="Opérations en cours")
        expect(tile).to_contain_text("3")
        tile.click()
        expect(page.get_by_role("table")).to_contain_text("3 opérations")
        page.go_back()
        expect(page.get_by_label("Arrondissement", exact=True)).to_have_value(
            "arrondissement-douai"
        )


def test_one_learns_who_can_do_what_and_what_the_words_mean(cast):
    with cast(scenes.director()) as person:
        page = person.page
        page.goto(reverse("rights"))
        see(person, "qui-peut-quoi")
        word = page.get_by_role("button", name="geste", exact=True)
        meaning = page.get_by_text("Ce qui fait passer un dossier")
        expect(meaning).to_be_hidden()
        word.focus()
        page.keyboard.press("Enter")
        expect(meaning).to_be_visible()
        see(person, "definition")
        page.keyboard.press("Escape")
        expect(meaning).to_be_hidden()
        expect(word).to_be_focused()
        page.goto(reverse("glossary"))
        see(person, "glossaire")


def test_the_map_leads_to_the_operations_of_a_commune(cast):
    scenes.opened(2)
    scenes.opened(6, commune=scenes.DOUAI)
    with cast(scenes.director()) as person:
        page = person.page
        page.goto(reverse("map"))
        see(person, "carte")
        page.set_viewport_size({"width": 1280, "height": 900})
        # The middle of the frame of a commune may be another one.
        page.locator(".erbm-map a").first.dispatch_event("click")
        expect(page.get_by_role("table")).to_contain_text("6 opérations")


def test_a_sub_prefect_finds_on_a_telephone_what_she_must_know(cast):
    factories.operation_at(State.ARBITRATION)
    soon = timezone.localdate() + datetime.timedelta(days=40)
    sittings.proposed(operations=2, held_on=soon)
    Task.objects.update(sort_at=scenes.NOW, due_at=scenes.NOW)
    lens = factories.unit("sous-prefecture-lens")
    place = sittings.body().territories.get()
    user = factories.person_of(lens, Role.SUB_PREFECT, "alix")
    Membership.objects.filter(user=user).update(jurisdiction=place)
    with cast(user) as person:
        page = person.page
        page.set_viewport_size({"width": 360, "height": 740})
        page.wait_for_url(f"**{reverse('own_arrondissement')}")
        see(person, "mon-arrondissement")
        page.set_viewport_size({"width": 360, "height": 740})
        # All three answers are one tap away, before any scrolling.
        for name in ("1 arbitrage", "Prochaine séance", "en retard"):
            expect(page.get_by_role("link", name=name).first).to_be_in_viewport()
        page.get_by_role(
            "link", name=factories.TITLES[Kind.REHABILITATION]
        ).first.click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.go_back()
        page.get_by_role("link", name="SP Lens").first.click()
        expect(page.get_by_role("table")).to_contain_text("opération")
