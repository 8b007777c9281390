"""The pages that everyone meets, seen in a browser."""

import pytest
from django.urls import path
from django.utils.text import slugify
from playwright.sync_api import expect

from erbm import urls
from erbm.accounts.models import User
from erbm.desk import styles
from tests.journeys import pictures

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "terril-de-loos-en-gohelle"

urlpatterns = [*urls.urlpatterns, path("styles/", styles.page, name="inbox")]
handler404 = urls.handler404


@pytest.fixture(autouse=True)
def _with_the_style_page(settings):
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def person(transactional_db):
    return User.objects.create_user(
        "camille@demo.example", PASSWORD, first_name="Camille", last_name="Durand"
    )


@pytest.fixture
def scheme():
    return "light"


@pytest.fixture
def page(browser, live_server, scheme):
    context = browser.new_context(
        base_url=live_server.url, color_scheme=scheme, locale="fr-FR"
    )
    yield context.new_page()
    context.close()


@pytest.mark.parametrize(
    ("address", "scheme"),
    [
        ("/compte/connexion/", "light"),
        ("/compte/connexion/", "dark"),
        ("/compte/mot-de-passe/oublie/", "light"),
        ("/accessibilite/", "light"),
        ("/plan-du-site/", "light"),
        ("/styles/", "light"),
        ("/styles/", "dark"),
        ("/styles/?conflit", "light"),
    ],
)
def test_public_pages_are_sound(page, address, scheme):
    complaints = pictures.listen(page)
    page.goto(address)

    assert pictures.take(page, f"{slugify(address)}-{scheme}") == []
    assert complaints == []


def test_one_signs_in_and_out_with_the_keyboard_alone(page, person):
    page.goto("/compte/connexion/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Contenu")).to_be_focused()
    page.get_by_label("Adresse électronique").focus()
    page.keyboard.type(person.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Camille Durand").first).to_be_visible()

    page.locator(".erbm-visitor summary").first.focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Se déconnecter").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Connexion")).to_be_visible()


def test_the_menu_of_a_telephone_opens_and_closes(page, person):
    _sign_in(page, person)
    page.set_viewport_size({"width": 360, "height": 800})
    inbox = page.get_by_role("navigation", name="Menu principal").get_by_role("link")
    expect(inbox.first).to_be_hidden()

    page.get_by_role("button", name="Menu", exact=True).click()
    expect(inbox.first).to_be_visible()
    assert pictures.look(page) == []

    page.keyboard.press("Escape")
    expect(inbox.first).to_be_hidden()


def test_a_dialog_waits_for_a_decision(page):
    page.goto("/styles/")
    dialog = page.get_by_role("dialog", name="Retirer l’opération ?")
    expect(dialog).to_be_hidden()

    page.get_by_role("button", name="Retirer…").click()
    expect(dialog).to_be_visible()
    assert pictures.look(page) == []

    page.get_by_role("button", name="Ne rien changer").click()
    expect(dialog).to_be_hidden()


def test_an_account_of_the_demonstration_fills_in_the_form(page, person, settings):
    settings.DEMO, settings.DEMO_PASSWORD = True, PASSWORD
    page.goto("/compte/connexion/")

    page.get_by_role("button", name="Choisir le compte de Camille Durand").click()
    page.keyboard.press("Enter")

    expect(page.get_by_role("link", name="Notifications").first).to_be_visible()


def test_pages_work_without_scripts(browser, live_server, person):
    context = browser.new_context(
        base_url=live_server.url,
        java_script_enabled=False,
        viewport={"width": 360, "height": 800},
    )
    page = context.new_page()
    _sign_in(page, person)

    expect(page.get_by_role("link", name="Boîte de réception")).to_be_visible()
    page.locator(".erbm-visitor summary").first.click()
    expect(page.get_by_role("button", name="Se déconnecter").first).to_be_visible()
    expect(page.get_by_role("button", name="Retirer l’opération")).to_be_visible()
    context.close()


def test_a_page_weighs_little(browser, live_server):
    page = browser.new_page()
    sizes = []
    page.on("response", lambda answer: sizes.append(pictures.weight(answer)))
    page.goto(f"{live_server.url}/styles/")
    page.wait_for_load_state("networkidle")

    page.close()
    assert 0 < sum(sizes) <= 250_000


def _sign_in(page, person):
    page.goto("/compte/connexion/")
    page.get_by_label("Adresse électronique").fill(person.email)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
