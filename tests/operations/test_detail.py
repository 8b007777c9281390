"""The page of an operation: who sees it, what it offers, what it explains."""

import datetime

import pytest
from django.urls import reverse

from erbm.desk import commands as desk
from flows.operation import State
from flows.roles import Role
from tests.operations.factories import (
    COPIL_SAT,
    DAY,
    WHY,
    auditor,
    fire,
    join,
    opened,
    operation_at,
    people,
    person,
    person_of,
    stranger,
    unit,
)
from tests.operations.forms import address, moves_in, text_of
from workflow.models import Event, Task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def shown(client):
    def show(operation, by):
        client.force_login(by)
        return client.get(address("detail", operation))

    return show


def test_whoever_has_no_part_in_it_does_not_know_of_it(shown):
    operation = operation_at(State.UNDER_REVIEW)

    assert shown(operation, stranger()).status_code == 404


def test_it_asks_for_a_sign_in(client):
    operation = opened()

    response = client.get(address("detail", operation))

    assert response.status_code == 302
    assert response.url.startswith(reverse("account_login"))


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        (Role.OWNER, {"withdraw"}),
        (Role.LEAD_SERVICE, {"declare_complete", "ask_for_documents", "suspend"}),
        (Role.FUNDER, set()),
        (Role.SUB_PREFECT, set()),
    ],
)
def test_each_sees_the_moves_open_to_her(shown, role, offered):
    operation = operation_at(State.PROPOSED)

    response = shown(operation, person(operation, role))

    assert moves_in(response, operation) == offered


def test_a_move_that_is_not_possible_yet_says_everything_that_lacks(shown):
    operation = opened(description="")

    text = text_of(shown(operation, person(operation, Role.OWNER)))

    assert "Déposer l’opération : pas encore possible." in text
    assert "À renseigner : la description." in text
    assert "Plan de financement déséquilibré." in text
    assert "Pièce manquante : Calendrier prévisionnel." in text


def test_every_move_of_the_procedure_is_offered_or_explained(shown):
    operation = operation_at(State.UNDER_REVIEW)

    text = text_of(shown(operation, person(operation, Role.LEAD_SERVICE)))

    assert all(move.label in text for move in operation.process.moves)
    assert "ce geste se fait à l’état « Proposée »" in text


def test_what_is_asked_says_of_whom_and_since_when(shown):
    operation = operation_at(State.ARBITRATION)

    text = text_of(shown(operation, auditor()))

    assert "Arbitrer Sous-préfecture de Lens (sous-préfet)" in text
    assert "en retard de" in text


def test_what_led_there_is_told_before_what_is_asked(shown):
    operation = operation_at(State.ARBITRATION)

    text = text_of(shown(operation, person(operation, Role.SUB_PREFECT)))

    led, asked = text.split("Ce qui est demandé")[:2]
    assert "Dernier changement d’état : Renvoyer en arbitrage" in led
    assert "Position favorable Le besoin est établi." in led
    assert "Arbitrer en faveur de l’opération" in asked


def test_a_change_of_state_names_each_of_those_who_signed_it(shown):
    text = text_of(shown(operation_at(State.FUNDING), auditor()))

    changed = text.split("Dernier changement d’état : Valider au COPIL")[1]
    signed = changed.split("Ce qui est demandé")[0]
    assert signed.count("Signé aussi par Camille copil_") == 1
    assert signed.count("Camille copil_") == 2


def test_what_lacks_in_a_draft_leads_to_where_it_is_mended(shown):
    operation = opened()

    mine = text_of(shown(operation, person(operation, Role.OWNER)))
    asked = mine.split("Ce qui est demandé")[1].split("Autres gestes")[0]

    assert "Modifier la description Modifier le plan Joindre une pièce" in asked


def test_the_positions_stand_side_by_side_for_who_arbitrates(shown, client):
    operation = operation_at(State.ARBITRATION)
    by = person(operation, Role.SUB_PREFECT)

    told = text_of(shown(operation, by)).split("Les positions en présence")[1]
    page = client.get(reverse("operations:move", args=[operation.pk, "arbitrate_for"]))

    assert told.startswith(" Position favorable Le besoin est établi. Position déf")
    assert "Les positions en présence" in text_of(page)


def test_a_pause_does_not_hide_the_positions(shown):
    operation = operation_at(State.ARBITRATION)
    lead = person(operation, Role.LEAD_SERVICE)
    fire(operation, "suspend", by=lead, **WHY)
    fire(operation, "resume", by=lead, **WHY)

    text = text_of(shown(operation, person(operation, Role.SUB_PREFECT)))

    assert "Dernier changement d’état : Reprendre l’opération" in text
    assert "Position favorable Le besoin est établi." in text


def test_positions_once_decided_belong_to_the_journal(shown):
    text = text_of(shown(operation_at(State.AWAITING_COPIL), auditor()))

    assert "Les positions en présence" not in text


@pytest.mark.parametrize(
    ("state", "title", "button"),
    [
        (State.FUNDING, "Lignes à notifier", "Enregistrer la notification de FNADT"),
        (State.DELIVERED, "Lignes à solder", "Enregistrer le solde de FNADT"),
    ],
)
def test_the_funder_is_shown_the_lines_that_wait_for_it(shown, state, title, button):
    operation = operation_at(state)
    operation.lines.update(notified_on=None, settled_on=None)

    mine = text_of(shown(operation, person(operation, Role.FUNDER)))

    assert button in mine.split(title)[1]
    assert title not in text_of(shown(operation, auditor()))


def test_what_is_settled_is_asked_no_more(shown):
    operation = operation_at(State.DELIVERED)
    operation.lines.awaiting_settlement().update(settled_on=datetime.date(2028, 12, 31))

    text = text_of(shown(operation, person(operation, Role.FUNDER)))

    assert "Lignes à solder" not in text


def test_the_case_of_a_pause_says_that_no_delay_runs(shown):
    operation = operation_at(State.SUSPENDED)

    text = text_of(shown(operation, auditor()))

    assert "Reprendre l’opération suspendue" in text
    assert "le délai ne court pas" in text


def test_signatures_are_told_with_those_awaited(shown):
    operation = operation_at(State.AWAITING_COPIL)
    fire(operation, "validate", by=person(operation, Role.COPIL_STATE), **COPIL_SAT)

    text = text_of(shown(operation, auditor()))

    assert "Signatures : Valider au COPIL" in text
    assert "Signé par Camille copil_state" in text
    assert "Attendu : président de la Région, coprésident du COPIL, Région" in text


def test_opinions_are_told_given_or_awaited(shown):
    operation = operation_at(State.UNDER_REVIEW)
    first = people(operation, Role.CONSULTED)[0]
    fire(operation, "give_opinion", by=first, direction="favourable", opinion="Utile.")

    text = text_of(shown(operation, auditor()))

    assert "favorable, le 5 février 2026" in text
    assert "Utile." in text
    assert f"1 avis reçu sur {len(people(operation, Role.CONSULTED))}" in text
    assert "Département du Pas-de-Calais : avis non rendu à l’échéance du" in text
    assert "(réputé sans observation)" in text


def test_the_plan_is_added_up(shown):
    text = text_of(shown(operation_at(State.PROPOSED), auditor()))

    assert "FNADT SGAR 4 890 000,00 € 50 %" in text.replace("\u202f", " ")
    assert "équilibré" in text


def test_invented_figures_are_marked(shown):
    operation = opened(figures_note="Chiffres inventés pour la démonstration.")
    measured = opened(figures_note="Devis du maître d’œuvre.")

    assert "Chiffres inventés" in text_of(shown(operation, auditor()))
    assert "Chiffres inventés" not in text_of(shown(measured, auditor()))


def test_the_stages_show_when_they_were_reached(shown):
    text = text_of(shown(operation_at(State.AWAITING_COPIL), auditor()))

    assert "Comité d’arrondissement Franchie. Ouverte le 8 février 2026" in text
    assert "COPIL En cours depuis le 9 février 2026" in text


def test_a_pause_does_not_begin_a_stage_anew(shown):
    operation = operation_at(State.SUSPENDED)
    fire(operation, "resume", by=person(operation, Role.LEAD_SERVICE), reason="Allons.")

    text = text_of(shown(operation, auditor()))

    assert "Proposition En cours depuis le 2 février 2026" in text


def test_a_task_is_taken_given_back_and_taken_over_from_the_page(client):
    operation = operation_at(State.PROPOSED)
    first = person(operation, Role.LEAD_SERVICE)
    second = person_of(unit("ddtm-62"), Role.LEAD_SERVICE, "dominique")
    task = Task.objects.open().get(case=operation.case)
    page = address("detail", operation)

    for by, verb, seen in (
        (first, "claim_task", "Prise en charge par vous"),
        (second, "take_over_task", "Prise en charge par vous"),
        (second, "release_task", "Prendre en charge"),
    ):
        client.force_login(by)
        assert reverse(verb, args=[task.pk]) in client.get(page).content.decode()
        response = client.post(
            reverse(verb, args=[task.pk]), {"next": page}, follow=True
        )
        assert response.redirect_chain[-1][0] == page
        assert seen in text_of(response)


def test_a_task_that_a_colleague_has_closes_its_moves(shown):
    operation = operation_at(State.PROPOSED)
    colleague = person_of(unit("ddtm-62"), Role.LEAD_SERVICE, "dominique")
    task = Task.objects.open().get(case=operation.case)
    desk.claim(task_id=task.pk, by=colleague, at=operation.case.changed_at + DAY)

    response = shown(operation, person(operation, Role.LEAD_SERVICE))

    assert moves_in(response, operation) == {"suspend"}
    assert "reprenez la tâche avant d’y répondre" in text_of(response)


def test_the_page_costs_the_same_whatever_happened(
    shown, django_assert_max_num_queries
):
    quiet, busy = operation_at(State.UNDER_REVIEW), operation_at(State.UNDER_REVIEW)
    for _ in range(30):
        join(busy)
    by = person(quiet, Role.LEAD_SERVICE)
    shown(quiet, by)

    # one of them reads what the person is asked to prepare, one the public events,
    # one the grants of the plan, two the phases and photos of the works
    with django_assert_max_num_queries(31) as few:
        shown(quiet, by)
    with django_assert_max_num_queries(31) as many:
        shown(busy, by)

    assert Event.objects.filter(case=busy.case).count() > 30
    assert len(many) == len(few)


def test_edits_are_offered_to_those_who_may_make_them(shown):
    operation = operation_at(State.DRAFT)
    study = operation_at(State.UNDER_REVIEW)

    owner = shown(operation, person(operation, Role.OWNER)).content.decode()
    reader = shown(operation, auditor()).content.decode()
    lead = shown(study, person(study, Role.LEAD_SERVICE)).content.decode()

    for name in ("edit", "plan", "document_new"):
        assert address(name, operation) in owner
        assert address(name, operation) not in reader
    assert address("urban_study", study) in lead


def test_a_funder_is_led_to_the_lines_to_notify(shown):
    operation = operation_at(State.FUNDING)
    line = operation.lines.awaiting_notification().get()

    page = shown(operation, person(operation, Role.FUNDER)).content.decode()

    assert address("notify", operation, line.pk) in page
