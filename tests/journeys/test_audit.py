"""An auditor at work: she searches, opens a case, verifies it, compares a note."""

from io import StringIO

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from flows.operation import State
from tests.journeys import pictures
from tests.journeys.people import Person
from tests.operations import factories
from tests.operations.factories import operation_at
from tests.workflow.test_sealing import seal
from workflow.models import Checkpoint, Entry
from workflow.tasks import verify_if_asked

WIDE = {"width": 1280, "height": 900}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def operation(transactional_db):
    call_command("load_reference", stdout=StringIO())
    operation = operation_at(State.AWAITING_COPIL)
    seal()
    return operation


@pytest.mark.slow  # a browser, and the whole reference data
def test_an_auditor_searches_opens_a_case_and_verifies(browser, live_server, operation):
    reference = operation.case.reference
    with Person(browser, live_server.url, factories.auditor()) as auditor:
        page = auditor.page
        expect(page.get_by_role("heading", name="Audit du journal")).to_be_visible()
        assert pictures.take(page, "audit-search") == []

        page.set_viewport_size(WIDE)  # a telephone folds the filters
        page.get_by_label("Geste", exact=True).select_option(
            label="Consigner l’avis favorable du comité"
        )
        page.get_by_role("button", name="Filtrer").click()
        assert pictures.take(page, "audit-found") == []
        page.get_by_role("link", name=reference).first.click()
        page.wait_for_url(f"**/audit/dossiers/{reference}/**")
        page.locator("main details summary").nth(1).click()
        assert pictures.take(page, "audit-case") == []

        page.get_by_role("button", name="Vérifier ce dossier").click()
        expect(page.get_by_text("Ce dossier est intact")).to_be_visible()
        assert pictures.take(page, "audit-verified") == []
        page.goto(f"/audit/dossiers/{reference}/2/preuve/")
        expect(page.get_by_text("La preuve est juste")).to_be_visible()
        assert pictures.take(page, "audit-proof") == []

        page.goto("/audit/sceaux/")
        page.get_by_label("Note signée").fill(Checkpoint.objects.get().note)
        page.get_by_role("button", name="Comparer").click()
        expect(page.get_by_text("contient ce que le témoin a vu")).to_be_visible()
        assert pictures.take(page, "audit-seals") == []

        page.goto("/audit/registre/")
        expect(page.get_by_text("preuve d’inclusion")).to_be_visible()
        assert pictures.take(page, "audit-register") == []
    assert Entry.objects.filter(case=operation.case).count() == 3


@pytest.mark.slow  # a browser, and the whole reference data
def test_the_page_tells_by_itself_when_the_whole_trail_is_verified(
    browser, live_server, operation
):
    with Person(browser, live_server.url, factories.auditor()) as auditor:
        page = auditor.page
        page.get_by_role("button", name="Vérifier le journal entier").click()
        expect(page.get_by_text("en attente d’un ouvrier")).to_be_visible()

        assert verify_if_asked() is True

        expect(page.get_by_text("Intact")).to_be_visible()
        assert pictures.look(page) == []
