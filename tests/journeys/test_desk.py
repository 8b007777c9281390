"""What people do at their desks, in a browser: batches, drafts, views, absences."""

import datetime
import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from flows.operation import State
from flows.roles import Role
from tests.journeys import pictures
from tests.journeys.people import Person
from tests.operations import factories
from workflow import bulk
from workflow.models import Delegation, Draft, Membership, SavedView, Substitution

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

REPORT = "Le projet répond aux attentes du programme."


@pytest.fixture
def cast(browser, live_server):
    call_command("load_reference", stdout=StringIO())

    def sign_in(user):
        return Person(browser, live_server.url, user)

    return sign_in


def see(person, name):
    """Picture the page, and find no fault in it."""
    assert pictures.take(person.page, name) == []


def days_hence(days):
    return str(timezone.localdate() + datetime.timedelta(days=days))


def colleague_of(person, role, name="alix"):
    unit = Membership.objects.get(user=person, role=role).unit
    return factories.person_of(unit, role, name)


def test_one_move_on_many_is_chosen_foreseen_run_and_reported(cast):
    ready = [factories.operation_at(State.UNDER_REVIEW) for _ in range(2)]
    early = factories.operation_at(State.PROPOSED)
    for operation in ready:
        for consulted in factories.people(operation, Role.CONSULTED):
            factories.fire(
                operation, "give_opinion", by=consulted, direction="favourable"
            )
        factories.approve_urban_study(factories.again(operation))

    with cast(factories.person(early, Role.LEAD_SERVICE)) as person:
        page = person.page
        page.goto("/taches/?box=units")
        page.get_by_label("Choisir toutes les tâches de la page").check()
        page.get_by_role("button", name="sur les tâches cochées").click()
        see(person, "lot-choisir")
        page.get_by_role("link", name="Inscrire à l’ordre du jour du comité").click()
        expect(page.locator("main")).to_contain_text("Passeraient : 2 opérations")
        expect(page.locator("main")).to_contain_text("Seraient refusées : 1 opération")
        row = page.get_by_role("row").filter(has_text=early.case.reference)
        expect(row).to_contain_text("non")
        see(person, "lot-prevoir")

        page.locator("[name='report']").fill(REPORT)
        page.locator("[name='planned_on']").fill(days_hence(20))
        page.get_by_role("button", name=re.compile("2 opérations")).click()
        expect(
            page.get_by_text("En cours. Vous pouvez fermer cette page")
        ).to_be_visible()
        bulk.carry_on(limit=10, at=timezone.now())
        # The page asks by itself what became of them.
        expect(page.get_by_text("Achevé le")).to_be_visible()
        see(person, "lot-rapport")

        page.goto("/lots/")
        page.get_by_role("link", name="Inscrire à l’ordre du jour du comité").click()
        expect(page.get_by_text("fait 2, refusé 1.")).to_be_visible()
    states = [factories.again(one).case.state for one in (*ready, early)]
    assert states == [State.ON_AGENDA, State.ON_AGENDA, State.PROPOSED]


def test_a_draft_is_taken_up_on_another_machine_and_by_whom_it_is_shared_with(cast):
    operation = factories.operation_at(State.PROPOSED)
    lead = factories.person(operation, Role.LEAD_SERVICE)
    colleague = colleague_of(lead, Role.LEAD_SERVICE)
    form = f"/operations/{operation.pk}/gestes/ask_for_documents/"

    with cast(lead) as person:
        person.page.goto(form)
        person.page.locator("[name='documents']").press_sequentially("Plan des accès")
        # Long before the page is left, what was typed is on the server.
        status = person.page.locator("#draft-status")
        expect(status).to_contain_text("nregistré", timeout=15_000)
        see(person, "brouillon")
    with cast(colleague) as other:
        other.page.goto(form)
        expect(other.page.locator("[name='documents']")).to_have_value("")
        assert not other.page.get_by_text("Reprendre le brouillon").count()
    with cast(lead) as elsewhere:
        elsewhere.page.goto(form)
        documents = elsewhere.page.locator("[name='documents']")
        expect(documents).to_have_value("Plan des accès")
        elsewhere.page.get_by_label("Partager ce brouillon avec mon unité").check(
            force=True
        )
        elsewhere.page.get_by_role("button", name="Enregistrer le brouillon").click()
        expect(elsewhere.page.get_by_text("partagé avec votre unité")).to_be_visible()
    with cast(colleague) as other:
        other.page.goto(form)
        other.page.get_by_role("link", name=f"Reprendre le brouillon de {lead}").click()
        expect(other.page.locator("[name='documents']")).to_have_value("Plan des accès")
        see(other, "brouillon-partage")
    assert Draft.objects.get().user == lead


def test_whoever_stands_in_acts_for_another_and_the_receipt_says_so(cast):
    operation = factories.operation_at(State.ARBITRATION)
    away = factories.person(operation, Role.SUB_PREFECT)
    substitute = factories.person_of(
        factories.unit("sous-prefecture-bethune"), Role.SUB_PREFECT, "noor"
    )
    with cast(away) as person:
        person.page.goto("/absences/")
        person.send(
            "Désigner ce suppléant",
            email=substitute.email,
            first_day=days_hence(0),
            last_day=days_hence(7),
        )
        see(person, "absences")
    assert Substitution.objects.get().substitute == substitute

    with cast(substitute) as person:
        person.page.goto("/taches/?box=units")
        expect(person.page.locator("main")).to_contain_text(f"Vous agissez pour {away}")
        see(person, "suppleance")
        person.open(operation.case.reference)
        person.make(
            "Arbitrer en faveur de l’opération",
            reason="Le besoin est établi.",
            password=factories.PASSWORD,
        )
        receipt = person.page.locator(".fr-alert--success")
        expect(receipt).to_contain_text(f"pour {away}")
        journal = person.page.locator("#event-" + str(_latest(operation)))
        expect(journal).to_contain_text(f"{substitute} pour {away}")


def _latest(operation):
    return factories.again(operation).case.latest_seq


def test_an_answer_is_prepared_elsewhere_and_comes_back(cast):
    operation = factories.operation_at(State.PROPOSED)
    lead = factories.person(operation, Role.LEAD_SERVICE)
    colleague = colleague_of(lead, Role.LEAD_SERVICE)
    with cast(lead) as person:
        person.open(operation.case.reference)
        person.page.get_by_role("link", name="Confier, faire préparer").first.click()
        see(person, "confier")
        person.send(
            "Demander cette préparation",
            person=str(colleague.pk),
            instructions="Les accès sont-ils au plan ?",
        )
    with cast(colleague) as person:
        person.page.goto("/taches/?box=units")
        prepare = person.page.locator("#to-prepare").locator("..").get_by_role("link")
        prepare.first.click()
        see(person, "preparer")
        person.send("Rendre la réponse", answer="Il manque l’accès des secours.")
    assert Delegation.objects.get().returned_by == colleague
    with cast(lead) as person:
        person.open(operation.case.reference)
        expect(person.page.locator("main")).to_contain_text(f"Préparé par {colleague}")
        expect(person.page.locator("main")).to_contain_text("Il manque l’accès")
        see(person, "prepare")


def test_a_view_is_saved_and_shared_with_the_unit(cast):
    operation = factories.operation_at(State.PROPOSED)
    lead = factories.person(operation, Role.LEAD_SERVICE)
    unit = Membership.objects.get(user=lead).unit
    with cast(lead) as person:
        person.page.goto("/taches/?box=units&sort=amount")
        person.page.get_by_role("link", name="Enregistrer comme vue").click()
        see(person, "vue-nouvelle")
        person.page.locator("[name='name']").fill("Gros montants")
        person.page.get_by_role("button", name="Enregistrer", exact=False).click()
        person.page.goto("/taches/vues/")
        person.page.locator("[name$='unit']").first.select_option(str(unit.pk))
        person.page.get_by_role("button", name="Enregistrer").first.click()
        see(person, "vues")
    assert SavedView.objects.get().unit == unit

    with cast(colleague_of(lead, Role.LEAD_SERVICE)) as person:
        person.page.goto("/taches/?box=units")
        person.page.get_by_role("link", name=re.compile("Gros montants")).click()
        expect(
            person.page.get_by_role("link", name=operation.case.reference)
        ).to_be_visible()
        person.page.goto("/unite/")
        expect(person.page.get_by_role("link", name="Gros montants")).to_be_visible()
        see(person, "unite")


def test_the_inbox_is_worked_with_the_keyboard_alone(cast):
    operation = factories.operation_at(State.PROPOSED)
    with cast(factories.person(operation, Role.LEAD_SERVICE)) as person:
        page = person.page
        page.goto("/taches/?box=units")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Contenu")).to_be_focused()
        page.keyboard.press("Enter")
        reached = _walk(page, until="Prendre en charge")
        # The order of the page: boxes, filters, then the rows and what one does there.
        assert _in_order(
            reached, "Mes tâches", "Rechercher", "sur les tâches cochées", "Choisir"
        )
        assert _outlined(page)

        page.keyboard.press("Enter")
        answer = page.get_by_role("link", name=re.compile("^Traiter"))
        expect(answer).to_be_visible()
        # The row was replaced: one goes on from it, not from the top of the page.
        page.keyboard.press("Tab")
        assert "Plus" in _focused(page) or "Traiter" in _focused(page)


def _walk(page, *, until, most=60):
    reached = []
    for _ in range(most):
        page.keyboard.press("Tab")
        reached.append(_focused(page))
        if until in reached[-1]:
            return reached
    raise AssertionError(reached)


def _focused(page):
    return page.evaluate(
        """() => {
            const e = document.activeElement;
            const label = e.labels?.[0]?.innerText ?? "";
            return (label || e.getAttribute("aria-label") || e.innerText || e.tagName)
                .trim();
        }"""
    )


def _outlined(page):
    return page.evaluate(
        """() => {
            const style = getComputedStyle(document.activeElement);
            return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
        }"""
    )


def _in_order(reached, *wanted):
    found = [next(n for n, t in enumerate(reached) if w in t) for w in wanted]
    return found == sorted(found)


def test_filters_and_secondary_parts_are_folded_where_there_is_little_room(cast):
    operation = factories.operation_at(State.PROPOSED)
    with cast(factories.person(operation, Role.LEAD_SERVICE)) as person:
        page = person.page
        page.set_viewport_size({"width": 360, "height": 800})
        page.goto("/taches/?box=units")
        words = page.get_by_label("Rechercher une opération")
        expect(words).to_be_hidden()
        page.get_by_text("Rechercher, filtrer, trier").click()
        expect(words).to_be_visible()

        page.goto(f"/operations/{operation.pk}/")
        plan = page.get_by_role("table", name="Lignes du plan de financement")
        expect(plan).to_be_hidden()
        contents = page.get_by_role("navigation", name="Sur cette page")
        contents.get_by_role("link", name="Plan de financement").click()
        expect(plan).to_be_visible()
        see(person, "operation-pliee")
        page.set_viewport_size({"width": 1280, "height": 800})
        expect(page.get_by_role("table", name="Pièces jointes")).to_be_visible()
