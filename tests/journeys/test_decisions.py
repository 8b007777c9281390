"""What surrounds a decision, in a browser: opinions, conflicts, what comes too late."""

import datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone
from playwright.sync_api import expect

from erbm.cases import commands
from flows.operation import State
from flows.roles import Role
from tests.journeys import pictures
from tests.journeys.people import Person
from tests.operations import factories
from workflow.models import Conflict, Membership, Unit

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


def excuse(person, status):
    """Forget that the browser told of a status which the test has asked for."""
    assert person.complaints
    assert all(f"status of {status}" in said for said in person.complaints)
    person.complaints.clear()


def test_one_more_unit_is_consulted_gives_its_opinion_and_another_is_dismissed(cast):
    operation = factories.operation_at(State.UNDER_REVIEW)
    lead = factories.person(operation, Role.LEAD_SERVICE)
    asked = factories.people(operation, Role.CONSULTED)
    body = _not_asked(asked)
    consulted = factories.person_of(body, Role.CONSULTED)
    with cast(lead) as person:
        person.open(operation.case.reference)
        person.page.get_by_role("link", name="Consulter un service de plus").click()
        see(person, "consulter")
        person.send(
            "Demander son avis", unit=str(body.pk), reason="Un réseau est touché."
        )
        expect(person.page.locator("main")).to_contain_text(body.name)

    with cast(consulted) as person:
        person.open(operation.case.reference)
        person.make(
            "Rendre un avis", direction="with_reservations", opinion="Sous réserve."
        )
        see(person, "avis")

    with cast(lead) as person:
        person.open(operation.case.reference)
        opinions = person.page.locator("section", has=person.page.locator("#opinions"))
        expect(opinions).to_contain_text(f"1 avis reçu sur {len(asked) + 1}")
        expect(opinions).to_contain_text("Sous réserve.")
        opinions.get_by_role("link", name="Ne plus attendre cet avis").first.click()
        see(person, "ne-plus-attendre")
        person.send("Ne plus l’attendre", reason="Il n’a pas à connaître du projet.")
        expect(opinions).to_contain_text(f"1 avis reçu sur {len(asked)}")


def _not_asked(people):
    """Return a State service of which no opinion is awaited yet."""
    asked = Membership.objects.filter(user__in=people).values("unit")
    services = Unit.objects.filter(organisation__category="state", is_active=True)
    return services.exclude(pk__in=asked).order_by("code").first()


def test_a_conflict_keeps_a_person_away_until_it_is_lifted(cast):
    operation = factories.operation_at(State.UNDER_REVIEW)
    lead = factories.person(operation, Role.LEAD_SERVICE)
    page_of_it = f"/operations/{operation.pk}/"
    with cast(lead) as person:
        person.open(operation.case.reference)
        person.page.get_by_role("link", name="Déclarer un conflit d’intérêts").click()
        see(person, "conflit-declarer")
        person.page.locator("[name='about']").first.wait_for(state="attached")
        person.send("Déclarer", about=str(lead.pk), reason="Un parent y travaille.")
        person.page.goto("/taches/?box=units")
        assert not person.page.get_by_text(operation.case.reference).count()

    with cast(factories.person(operation, Role.PROJECT_DIRECTOR)) as person:
        person.page.goto(page_of_it)
        expect(person.page.get_by_text(f"{lead} ne prend plus part")).to_be_visible()
        see(person, "conflit")
        person.page.get_by_role("link", name="Lever ce conflit").click()
        person.send("Lever", reason="Cette personne a changé de service.")
    assert not Conflict.objects.standing().exists()

    with cast(lead) as person:
        person.page.goto("/taches/?box=units")
        expect(
            person.page.get_by_role("link", name=operation.case.reference)
        ).to_be_visible()


def test_what_is_refused_comes_too_late_or_is_not_there_is_said(cast, monkeypatch):
    operation = factories.operation_at(State.PROPOSED)
    with cast(factories.person(operation, Role.LEAD_SERVICE)) as person:
        page = person.page
        form = f"/operations/{operation.pk}/gestes/ask_for_documents/"
        page.goto(form)
        said = {
            "documents": "Plan des accès",
            "answer_by": str(timezone.localdate() + datetime.timedelta(days=20)),
            "reason": "Le dossier ne permet pas de juger des accès.",
        }
        for name, value in said.items():
            page.locator(f"[name='{name}']").fill(value)
        page.locator("[name='reason']").fill(" ")
        send = page.get_by_role("button", name="Demander des pièces")
        send.click()
        expect(page.locator("[data-erbm-focus]")).to_be_focused()
        see(person, "422")
        excuse(person, 422)

        page.locator("[name='reason']").fill(said["reason"])
        with monkeypatch.context() as held:
            held.setattr(commands, "make_move", _busy)
            send.click()
            expect(page.locator("main")).to_contain_text("au même moment")
            see(person, "503")
        excuse(person, 503)
        expect(page.locator("[name='documents']")).to_have_value("Plan des accès")

        page.goto(form)
        for name, value in said.items():
            page.locator(f"[name='{name}']").fill(value)
        factories.fire(
            operation,
            "declare_complete",
            by=factories.person(operation, Role.LEAD_SERVICE),
            early_start="none",
        )
        send.click()
        expect(page.locator("main")).to_contain_text("a changé")
        expect(page.locator("main")).to_contain_text("Plan des accès")
        see(person, "409")

        page.goto("/operations/999999/")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        see(person, "404")
        excuse(person, 404)


def _busy(**said):
    raise OperationalError("database is locked")


def test_a_case_is_read_as_it_was_and_a_unit_says_when_it_is_closed(cast):
    operation = factories.operation_at(State.UNDER_REVIEW)
    lead = factories.person(operation, Role.LEAD_SERVICE)
    Membership.objects.filter(user=lead).update(is_head=True)
    day = timezone.localdate()
    with cast(lead) as person:
        page = person.page
        page.goto(f"/operations/{operation.pk}/au/")
        first = operation.case.opened_at.date()
        page.locator("[name='day']").fill(str(first))
        page.get_by_role("button", name="Voir le dossier").click()
        expect(page.locator("main")).to_contain_text("Brouillon")
        see(person, "tel-qu-au")

        page.goto("/fermetures/")
        for label, said in (
            ("Premier jour de fermeture", day + datetime.timedelta(days=30)),
            ("Dernier jour de fermeture", day + datetime.timedelta(days=31)),
            ("Motif", "Pont"),
        ):
            page.get_by_label(label).fill(str(said))
        page.get_by_role("button", name="Inscrire la fermeture").click()
        expect(page.get_by_role("row").filter(has_text="Pont")).to_be_visible()
        see(person, "fermetures")

        page.goto(f"/operations/{operation.pk}/parcours/")
        see(person, "parcours")
    with cast(factories.person(operation, Role.PROJECT_DIRECTOR)) as person:
        person.page.goto("/migrations/")
        see(person, "migrations")
