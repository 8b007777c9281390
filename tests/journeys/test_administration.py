"""An administrator opens an account and gives it a role, in a browser."""

import pytest
from playwright.sync_api import expect

from erbm.accounts.models import User
from flows.roles import Role
from tests.accounts import factories
from tests.journeys import pictures
from tests.journeys.people import Person
from tests.operations.factories import PASSWORD
from workflow.models import Membership

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ada(browser, live_server):
    administrator = factories.administrator()
    administrator.set_password(PASSWORD)
    administrator.save()
    with Person(browser, live_server.url, administrator) as ada:
        ada.page.get_by_role("link", name="Administration").click()
        yield ada


def see(person, name):
    """Find no fault in a page, nor anything inline, which the browser would tell."""
    assert person.complaints == []
    assert pictures.take(person.page, name) == []
    # The checker copies style sheets into the page, which the policy forbids.
    person.complaints.clear()


def look_up(page, label, words):
    """Find a row in a box where one looks things up, by the keyboard alone."""
    page.get_by_role("combobox", name=label).focus()
    page.keyboard.press("Enter")
    search = page.get_by_role("searchbox", name="Rechercher")
    expect(search).to_be_focused()
    page.keyboard.type(words)
    found = page.locator(".select2-results__option--highlighted")
    expect(found).to_contain_text(words)
    page.keyboard.press("Enter")


@pytest.mark.slow  # a browser
def test_an_account_is_opened_and_given_a_role(ada):
    page = ada.page
    see(ada, "administration")

    page.goto("/administration/accounts/user/add/")
    page.get_by_label("Adresse électronique").fill("noa@x.example")
    page.get_by_label("Prénom").fill("Noa")
    page.get_by_label("Nom", exact=False).last.fill("Petit")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    expect(page.get_by_text("est parti vers noa@x.example")).to_be_visible()
    see(ada, "administration-personnes")

    page.goto("/administration/accounts/appointment/add/")
    see(ada, "administration-appartenance")
    look_up(page, "Personne", "Noa")
    look_up(page, "Unité", "Bureau")
    page.get_by_label("Rôle").select_option(Role.OWNER)
    page.get_by_role("button", name="Enregistrer", exact=True).click()

    expect(page.locator(".messagelist .success")).to_contain_text("Noa Petit, porteur")
    noa = User.objects.get(email="noa@x.example")
    assert Membership.objects.get(user=noa).role == Role.OWNER
