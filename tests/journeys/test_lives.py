"""Two operations live from draft to closed, each person signing in in turn."""

import datetime
import json
import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from erbm.operations.models import DocumentKind, Kind, Operation
from erbm.territory.models import Cite
from flows.roles import Role
from tests.journeys import pictures
from tests.journeys.people import Person
from tests.operations import factories
from tests.operations.factories import PASSWORD, PDF, person_of, unit
from workflow.models import Event
from workflow.trail import verify

pytestmark = pytest.mark.django_db(transaction=True)

FILE = {"name": "piece.pdf", "mimeType": "application/pdf", "buffer": PDF}


@pytest.fixture
def cast(browser, live_server):
    call_command("load_reference", stdout=StringIO())

    def sign_in(user):
        return Person(browser, live_server.url, user)

    return sign_in


def today():
    return timezone.localdate()


def join(person, kind, *, demand=""):
    """Join a document from the page of the operation."""
    if demand:
        person.page.get_by_role("link", name=re.compile(f"Fournir {demand}")).click()
    else:
        person.page.get_by_role("link", name="Joindre une pièce").first.click()
    person.send(
        "Joindre une pièce", kind=kind, title=DocumentKind(kind).label, file=FILE
    )


def fill_in_plan(person, *lines):
    person.page.get_by_role("link", name="Modifier le plan").first.click()
    said = {}
    for number, (scheme, funder, amount) in enumerate(lines):
        said[f"lines-{number}-scheme"] = scheme
        if funder:
            said[f"lines-{number}-funder"] = str(unit(funder).pk)
        said[f"lines-{number}-amount_cents"] = amount
    person.send("Enregistrer le plan", **said)


def see(person, name):
    """Picture the page, and find no fault in it."""
    assert pictures.take(person.page, name) == []


def reference_of(operation):
    return operation.case.reference


def everyone(operation, role):
    return [person_of(party.unit, role) for party in _parties(operation, role)]


def _parties(operation, role):
    return operation.case.parties.filter(role=role).select_related("unit")


def one(operation, role):
    return everyone(operation, role)[0]


def carry_to_works(cast, operation, *, requested):
    """From the submission to the money: the part that both kinds share."""
    reference = reference_of(operation)
    lead, owner = one(operation, Role.LEAD_SERVICE), one(operation, Role.OWNER)
    soon = today() + datetime.timedelta(days=20)
    with cast(lead) as person:
        see_inbox(person, reference)
        person.open(reference)
        see(person, f"{operation.kind}-proposed")
        person.make(
            "Demander des pièces",
            documents=requested,
            answer_by=soon,
            reason="Le dossier ne permet pas de juger des accès.",
        )
    with cast(owner) as person:
        person.open(reference)
        join(person, DocumentKind.OTHER, demand=requested)
        person.make("Transmettre les pièces demandées")
    with cast(lead) as person:
        person.open(reference)
        person.make("Déclarer le dossier complet", early_start="none")
    for consulted in everyone(operation, Role.CONSULTED):
        with cast(consulted) as person:
            person.open(reference)
            person.make("Rendre un avis", direction="favourable", opinion="Utile.")
    with cast(lead) as person:
        person.open(reference)
        if operation.kind == Kind.REHABILITATION:
            person.page.get_by_role("link", name="Enregistrer l’étude urbaine").click()
            person.send("Enregistrer", approved_on=today())
        person.make(
            "Inscrire à l’ordre du jour du comité",
            report="Le projet répond aux attentes.",
            planned_on=soon,
        )
    return reference, lead, owner


def see_inbox(person, reference):
    person.page.goto("/")
    assert person.page.get_by_text(reference).count()
    see(person, "inbox")


def carry_through_funding(cast, operation, reference):
    for role in (Role.COPIL_STATE, Role.COPIL_REGION):
        with cast(one(operation, role)) as person:
            person.open(reference)
            person.make("Valider au COPIL", sitting_on=today())
            see(person, f"{operation.kind}-{role}")
    with cast(one(operation, Role.FUNDER)) as person:
        person.open(reference)
        notify = person.page.get_by_role(
            "link", name=re.compile("Enregistrer la notification")
        )
        while notify.count():
            notify.first.click()
            person.send(
                "Enregistrer la notification", notified_on=today(), notification="ARR-1"
            )
        see(person, f"{operation.kind}-funding")
        person.make("Confirmer le financement", early_start="none")


def carry_to_the_end(cast, operation, reference, lead, visa):
    with cast(lead) as person:
        person.open(reference)
        person.make(visa)
        see(person, f"{operation.kind}-delivered")
    with cast(one(operation, Role.FUNDER)) as person:
        person.open(reference)
        settle = person.page.get_by_role(
            "link", name=re.compile("Enregistrer le solde")
        )
        while settle.count():
            settle.first.click()
            person.send("Enregistrer le solde", settled_on=today())
        person.make("Attester que les aides sont soldées")
    with cast(lead) as person:
        person.open(reference)
        person.make("Clôturer l’opération", insertion_hours=1200)
        see(person, f"{operation.kind}-closed")


def check_the_trail(cast, operation, moves):
    """The auditor reads every move, who made it, when and why; the chain holds."""
    events = Event.objects.filter(case=operation.case).exclude(move="").order_by("seq")
    made = [event.move for event in events if event.kind in {"move", "signature"}]
    assert made == moves
    with cast(factories.auditor()) as person:
        person.open(reference_of(operation))
        person.page.goto(f"/operations/{operation.pk}/journal/")
        shown = person.page.locator("main").inner_text()
        for event in events:
            assert str(event.actor) in shown
            label = _label(operation, event)
            assert label in shown, label
            for reason in _reasons(event):
                assert reason in shown, reason
        assert "La chaîne est intacte" in shown
        see(person, f"{operation.kind}-journal")
    assert verify.problems_of(operation.case) == []


def _label(operation, event):
    process = operation.process
    if event.kind == "amendment":
        return process.edit(event.move).label
    return process.move(event.move).label


def _reasons(event):
    texts = json.loads(event.text.text)
    return [text for name, text in texts.items() if name == "reason"]


def test_a_rehabilitation_lives_from_draft_to_closed(cast):
    owner = person_of(unit("maisons-et-cites"), Role.OWNER)
    cite = Cite.objects.get(code="cite-9-lens")
    with cast(owner) as person:
        person.page.goto("/operations/nouvelle/rehabilitation/")
        see(person, "new-rehabilitation")
        person.send(
            "Ouvrir l’opération",
            cite=str(cite.pk),
            cost_cents="9 780 000,00",
            theme=str(factories.Theme.objects.get(code="housing").pk),
            description="Isolation, ventilation et toitures.",
            dwellings_before=163,
            dwellings_after=160,
            label_before="F",
            label_target="B",
        )
        operation = Operation.objects.get(owner__code="maisons-et-cites")
        see(person, "rehabilitation-draft")
        fill_in_plan(
            person, ("housing", "dreal", "4 000 000"), ("own", "", "5 780 000")
        )
        for kind in ("deliberation", "quotes", "schedule"):
            join(person, kind)
        person.make("Déposer l’opération")

    reference, lead, owner = carry_to_works(cast, operation, requested="Plan des accès")
    with cast(one(operation, Role.COMMITTEE_SECRETARY)) as person:
        person.open(reference)
        person.make(
            "Renvoyer en arbitrage",
            position_for="Le besoin est établi.",
            position_against="Le calendrier est trop court.",
            reason="Les services ne s’accordent pas.",
        )
    with cast(one(operation, Role.SUB_PREFECT)) as person:
        person.open(reference)
        see(person, "rehabilitation-arbitration")
        person.make(
            "Arbitrer en faveur de l’opération",
            reason="L’intérêt des locataires prime.",
            password=PASSWORD,
        )
    carry_through_funding(cast, operation, reference)
    with cast(owner) as person:
        person.open(reference)
        person.make(
            "Démarrer les travaux",
            service_order_on=today(),
            permit="DP 062 498 26 00012",
            tenants_consulted_on=today(),
            rehousing_plan=True,
        )
        person.make(
            "Rendre compte de l’avancement",
            dwellings_delivered=160,
            dwellings_withdrawn=3,
            label_after="B",
        )
        see(person, "rehabilitation-works")
        person.make("Livrer")
    carry_to_the_end(cast, operation, reference, lead, "Livrer")
    consulted = len(everyone(operation, Role.CONSULTED))
    check_the_trail(
        cast,
        operation,
        [
            "submit",
            "ask_for_documents",
            "supply_documents",
            "declare_complete",
            *["give_opinion"] * consulted,
            "enter_agenda",
            "refer_to_arbitration",
            "arbitrate_for",
            "validate",
            "validate",
            "confirm_funding",
            "start",
            "record_progress",
            "deliver",
            "deliver",
            "attest_settlement",
            "close",
        ],
    )


def test_a_subsidised_project_lives_from_draft_to_closed(cast):
    body = factories.owner_of(Kind.SUBSIDY)
    owner = person_of(body, Role.OWNER)
    with cast(owner) as person:
        person.page.goto("/operations/nouvelle/subsidy/")
        see(person, "new-subsidy")
        person.send(
            "Ouvrir l’opération",
            commune_0="Lens",
            title="Rénovation de l’école Jean-Macé",
            cost_cents="1 200 000",
            theme=str(factories.Theme.objects.get(code="education-training").pk),
            description="Isolation et accessibilité.",
        )
        operation = Operation.objects.get(owner=body)
        fill_in_plan(person, ("dsil", "sgar", "600 000"), ("own", "", "600 000"))
        for kind in ("deliberation", "quotes", "schedule"):
            join(person, kind)
        person.make("Déposer le projet")
    reference, lead, owner = carry_to_works(cast, operation, requested="Plan de masse")
    with cast(one(operation, Role.COMMITTEE_SECRETARY)) as person:
        person.open(reference)
        person.make(
            "Consigner l’avis favorable du comité", sitting_on=today(), quorum=True
        )
    carry_through_funding(cast, operation, reference)
    with cast(owner) as person:
        person.open(reference)
        person.make(
            "Déclarer le commencement",
            first_legal_act="Marché notifié",
            started_on=today(),
        )
        person.make(
            "Rendre compte de l’avancement",
            progress_percent=100,
            spent_cents="1 190 000,50",
        )
        join(person, DocumentKind.COMPLETION)
        person.make("Déclarer l’achèvement")
    carry_to_the_end(cast, operation, reference, lead, "Déclarer l’achèvement")
    consulted = len(everyone(operation, Role.CONSULTED))
    check_the_trail(
        cast,
        operation,
        [
            "submit",
            "ask_for_documents",
            "supply_documents",
            "declare_complete",
            *["give_opinion"] * consulted,
            "enter_agenda",
            "endorse",
            "validate",
            "validate",
            "confirm_funding",
            "start",
            "record_progress",
            "deliver",
            "deliver",
            "attest_settlement",
            "close",
        ],
    )
