"""A dossier, a list and a receipt are taken with a browser, wide and narrow."""

import zipfile
from io import StringIO

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from flows.operation import State
from flows.roles import Role
from tests.journeys import pictures
from tests.journeys.people import Person
from tests.operations import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def operation():
    call_command("load_reference", stdout=StringIO())
    return factories.operation_at(State.PROPOSED)


@pytest.fixture
def page(browser, live_server, operation):
    lead = factories.person(operation, Role.LEAD_SERVICE)
    with Person(browser, live_server.url, lead) as person:
        yield person.page


@pytest.mark.slow  # a browser, and the whole reference data
def test_one_click_takes_the_dossier_of_an_operation(page, operation):
    page.goto(f"/operations/{operation.pk}/")

    with page.expect_download() as taken:
        page.get_by_role("button", name="Dossier complet").click()

    reference = operation.case.reference
    assert taken.value.suggested_filename.startswith(f"dossier-{reference}-")
    with zipfile.ZipFile(taken.value.path()) as archive:
        assert archive.testzip() is None
        assert "synthese.pdf" in archive.namelist()

    page.get_by_role("link", name="Ce qu’il contient").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(reference)
    assert pictures.take(page, "dossier") == []


@pytest.mark.slow  # a browser, and the whole reference data
def test_a_list_is_taken_as_a_workbook(page):
    page.goto("/operations/")

    with page.expect_download() as taken:
        page.get_by_role("button", name="XLSX").click()

    assert taken.value.suggested_filename.endswith(".xlsx")
    assert zipfile.is_zipfile(taken.value.path())


@pytest.mark.slow  # a browser, and the whole reference data
def test_the_journal_leads_to_the_receipt_of_each_event(page, operation):
    page.goto(f"/operations/{operation.pk}/journal/")

    page.get_by_title("Reçu n°\u00a01,").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Reçu n°\u00a01")
    expect(page.get_by_text("En attente de sceau").first).to_be_visible()
    assert pictures.take(page, "receipt") == []
