"""The page of a procedure, seen in a browser: wide, narrow, and on paper."""

import re
from io import StringIO

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from tests.desk import scenes
from tests.journeys import pictures
from tests.journeys.people import Person

pytestmark = pytest.mark.django_db(transaction=True)

A4_LANDSCAPE = {"width": 1060, "height": 730}  # in CSS pixels, margins apart


@pytest.fixture
def page(browser, live_server):
    call_command("load_reference", stdout=StringIO())
    late, *_ = scenes.opened(2)
    scenes.due(late, scenes.NOW - scenes.DAY)
    with Person(browser, live_server.url, scenes.director()) as director:
        director.page.goto("/procedures/rehabilitation/")
        yield director.page


@pytest.mark.slow  # a browser, and the whole reference data
def test_a_procedure_can_be_read_wide_narrow_and_on_paper(page):
    assert pictures.take(page, "procedure") == []

    # At the narrow width, the picture is moved under the keyboard.
    picture = page.get_by_role("region", name="Schéma de la procédure")
    picture.focus()
    page.keyboard.press("ArrowRight")
    # Not `wait_for_function`, which evaluates text: our own policy forbids it.
    for _ in range(50):
        if picture.evaluate("element => element.scrollLeft") > 0:
            break
        page.wait_for_timeout(100)
    assert picture.evaluate("element => element.scrollLeft") > 0

    page.set_viewport_size(A4_LANDSCAPE)
    page.emulate_media(media="print")
    assert page.locator(".erbm-process__moves thead").bounding_box()["height"] > 1
    assert pictures.look(page) == []


@pytest.mark.slow  # a browser, and the whole reference data
def test_from_a_state_one_goes_to_its_operations(page):
    page.get_by_role("link", name=re.compile("2 en cours.*Brouillon")).first.click()

    expect(page.get_by_text("2 opérations")).to_be_visible()
    assert page.get_by_role("link", name="R-2026-").count() == 2
