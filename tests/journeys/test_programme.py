"""A rehabilitation and a DSIL project go through every procedure of the programme.

Every decision is made in the browser by a person of the role; time, what the others
say, and the grant of the landlord go by commands.
"""

import datetime
import re
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import expect

from erbm.grants.models import DocumentKind, Grant, PaymentKind
from erbm.operations.models import Kind
from erbm.programme.models import Envelope
from flows.operation import State
from flows.roles import Role
from tests.committees import factories as sittings
from tests.grants import factories as granting
from tests.journeys.programme import (
    Cast,
    Clock,
    ask_to_be_paid,
    certify_and_pay,
    convened,
    decide,
    done,
    hear_the_others,
    join,
    opened,
    page_of,
    planned,
    says,
    see,
    sign_in,
    sitting_page,
    stand_aside,
    state_of,
    take_dossier,
    to_point,
    under_review,
    verdict_on,
)
from tests.operations import factories
from tests.operations.factories import PASSWORD, person, person_of, unit
from workflow import outbox
from workflow.trail import sealing, verify
from workflow.trail.notes import Signer

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,  # two lives in a browser
]

OPINIONS_ON = datetime.date(2026, 2, 5)
AGENDA_ON = datetime.date(2026, 3, 6)
CONVENED_ON = datetime.date(2026, 3, 31)
COMMITTEE_ON = datetime.date(2026, 4, 16)
PREPARED_ON = datetime.date(2026, 4, 20)
COPIL_ON = datetime.date(2026, 5, 19)
FUNDED_ON = datetime.date(2026, 6, 15)
DELIVERED_ON = datetime.date(2026, 12, 1)
LATER = datetime.date(2026, 6, 18)

COST, AID_HOUSING, AID_DSIL = 9_780_000_00, 4_000_000_00, 4_890_000_00
NETWORKS = "transmettre le plan des réseaux"
DEMANDED = f"31/12/2027 : {NETWORKS}"
MARKET = "Marché de travaux notifié"


@pytest.fixture
def cast(browser, live_server, monkeypatch):
    call_command("load_reference", stdout=StringIO())
    found = Cast(browser, live_server.url, Clock(monkeypatch))
    yield found
    found.drop()


def today():
    return timezone.localdate()


def alix():
    """Return who leads the project, once her colleague has said a conflict."""
    return person_of(unit("sous-prefecture-lens"), Role.LEAD_SERVICE, "alix")


def test_two_operations_go_through_every_procedure_of_the_programme(cast, tmp_path):
    cite = under_review(
        Kind.REHABILITATION,
        ("housing", AID_HOUSING, "dreal"),
        ("own", COST - AID_HOUSING, None),
    )
    school = under_review(
        Kind.SUBSIDY,
        ("dsil", AID_DSIL, "prefecture-region"),
        ("own", COST - AID_DSIL, None),
    )
    other = factories.operation_at(State.ON_AGENDA, title="Réhabilitation de la cité 5")

    hear_opinions(cast, cite, school)
    enter_the_agenda(cast, cite)
    sit_in_committee(cast, cite, school, other)
    arbitrate(cast, cite)
    sit_in_copil(cast, cite, school)
    adopt_a_scenario(cast, school)
    grant = Grant.objects.get(operation=school)
    aid = walk_the_aid_of_the_landlord(cite)
    award(cast, grant)
    commit(cast, grant, school)
    begin(cast, grant, school, cite)
    deliver(cast, school, cite)
    settle(cast, grant)
    settle_the_aid_of_the_landlord(aid)
    close(cast, grant, school, cite)
    prove(cast, [cite, school], [aid, grant], tmp_path)


# Opinions, committee, arbitration, COPIL


def hear_opinions(cast, cite, school):
    """Hear those who answer; the Département lets its month go by."""
    cast.come_back_on(OPINIONS_ON)
    reserved = person_of(unit("dreal"), Role.CONSULTED)
    cast(reserved, page_of(cite)).make(
        "Rendre un avis", direction="with_reservations", opinion="Le bruit inquiète."
    )
    heard = person_of(unit("ddtm-62"), Role.CONSULTED)
    cast(heard, page_of(school)).make(
        "Rendre un avis",
        direction="favourable",
        opinion="Utile.",
        condition_1=NETWORKS,
        condition_1_due_on="2027-12-31",
    )
    hear_the_others(cite, said={reserved}, silent="departement-62")
    hear_the_others(school, said={heard})

    lead = person(school, Role.LEAD_SERVICE)
    declared = cast(lead, page_of(school))
    declared.page.get_by_role("link", name="Déclarer un conflit d’intérêts").click()
    declared.send("Déclarer", about=str(lead.pk), reason="Un parent y enseigne.")
    says(declared, f"{lead} ne prend plus part")


def enter_the_agenda(cast, cite):
    """Find that an opinion has expired, and go on without it."""
    cast.come_back_on(AGENDA_ON)
    factories.approve_urban_study(factories.again(cite))
    lead = cast(person(cite, Role.LEAD_SERVICE), page_of(cite))
    says(lead, "avis non rendu à l’échéance du")
    lead.make(
        "Inscrire à l’ordre du jour du comité",
        report="Le projet répond aux attentes.",
        planned_on=COMMITTEE_ON,
    )


def sit_in_committee(cast, cite, school, other):
    """Sit with an item that comes late, one adjourned and one sent to arbitration."""
    sitting = planned(sittings.LENS, COMMITTEE_ON)
    cast.come_back_on(CONVENED_ON)
    sitting = convened(sitting)
    cast.come_back_on(COMMITTEE_ON)
    cast(alix(), page_of(school)).make(
        "Inscrire à l’ordre du jour du comité",
        report="Le plan est bouclé.",
        planned_on=COMMITTEE_ON,
    )
    secretary = cast(sittings.secretary(), sitting_page(sitting, "ordre-du-jour/"))
    add_late(secretary, school)
    secretary.page.goto(sitting_page(sitting))
    secretary.make("Ouvrir la séance")
    hold(secretary, sittings.again(sitting), cite, school, other)
    secretary.page.goto(sitting_page(sitting))

    chair = cast(sittings.chair(), sitting_page(sitting, "gestes/close/"))
    for said in ("Renvoi en arbitrage", "Avis favorable", "Ajournement"):
        says(chair, said)
    see(chair, "cloture")
    chair.send("Clore la séance", password=PASSWORD)
    says(chair, "3 décision(s) appliquée(s), ensemble")
    states = [state_of(one) for one in (cite, school, other)]
    assert states == [State.ARBITRATION, State.AWAITING_COPIL, State.UNDER_REVIEW]
    says(cast(chair.user, page_of(school)), NETWORKS)


def add_late(secretary, operation):
    page = secretary.page
    says(secretary, "une opération s’y ajoute en point tardif")
    page.locator("#operation").select_option(str(operation.pk))
    page.locator("#reason").fill("Le dossier vient d’être prêt.")
    page.get_by_role("button", name="Ajouter", exact=True).click()
    says(secretary, "Point tardif : Le dossier vient d’être prêt.")
    see(secretary, "ordre-du-jour")


def hold(secretary, sitting, cite, school, other):
    """Sign the sheet, and decide each item."""
    secretary.page.goto(sitting_page(sitting, "en-seance/"))
    sign_in(secretary, sitting, giver="departement-62", bearer="region")
    to_point(secretary, sitting, cite)
    stand_aside(secretary, sitting, "epci-246200299", "Un élu siège au bailleur.")
    see(secretary, "seance")
    decide(
        secretary,
        sitting,
        cite,
        "refer_to_arbitration",
        position_for="Le besoin est établi.",
        position_against="Le calendrier est trop court.",
        reason="Les services ne s’accordent pas.",
    )
    decide(
        secretary,
        sitting,
        other,
        "adjourn",
        reason="Le porteur s’est excusé.",
        planned_on=LATER,
    )
    decide(secretary, sitting, school, "endorse", taken=DEMANDED)
    says(secretary, "Points (3 sur 3)")


def arbitrate(cast, cite):
    """Have the sub-prefect weigh both positions, and choose."""
    chair = cast(person(cite, Role.SUB_PREFECT), "/seances/arbitrages/")
    chair.page.get_by_role("link", name=re.compile(cite.case.reference)).click()
    for said in ("Le besoin est établi.", "Le calendrier est trop court."):
        says(chair, said)
    see(chair, "arbitrage")
    chair.make(
        "Arbitrer en faveur de l’opération",
        reason="L’intérêt des locataires prime.",
        password=PASSWORD,
    )
    assert state_of(cite) == State.AWAITING_COPIL


def sit_in_copil(cast, cite, school):
    """Validate both operations, by two chairs of two institutions."""
    cast.come_back_on(PREPARED_ON)
    sitting = convened(planned(sittings.COPIL, COPIL_ON))
    cast.come_back_on(COPIL_ON)
    sitting = opened(sitting)
    # Who opens the grants looks for an envelope: that of the landlord is there.
    granting.envelope("housing", year=COPIL_ON.year)
    secretary = cast(sittings.secretary(sittings.COPIL))
    for operation in (cite, school):
        decide(secretary, sitting, operation, "validate")
    secretary.page.goto(sitting_page(sitting))
    for role, left in (
        (Role.COPIL_STATE, State.AWAITING_COPIL),
        (Role.COPIL_REGION, State.FUNDING),
    ):
        chair = cast(sittings.seat(role, sittings.COPIL))
        chair.page.goto(sitting_page(sitting, "gestes/close_jointly/"))
        chair.send("Clore la séance du COPIL", password=PASSWORD)
        assert {state_of(cite), state_of(school)} == {left}
    outbox.deliver(limit=1000, at=timezone.now())


# Money


def adopt_a_scenario(cast, school):
    """Open an envelope, share it by a scenario, and reserve what this one gives."""
    director = cast(person(school, Role.PROJECT_DIRECTOR))
    page = director.page
    page.goto("/programme/enveloppes/nouvelle/")
    director.send(
        "Ouvrir l’enveloppe", scheme="dsil", year=COPIL_ON.year, cents="6 000 000"
    )
    envelope = Envelope.objects.get(scheme="dsil")
    page.goto(f"/programme/scenarios/nouveau/?enveloppe={envelope.pk}")
    page.locator("[name='name']").fill("Première répartition")
    page.get_by_role("button", name="Établir le scénario").click()
    says(director, school.case.reference)
    see(director, "scenario")
    page.get_by_role("button", name=re.compile("^Adopter")).click()
    expect(page.locator(".fr-alert--success")).to_contain_text("est adopté")
    envelope.refresh_from_db()
    assert envelope.reserved_cents == AID_DSIL


def award(cast, grant):
    """Declare the request complete, program it, write the order and sign it."""
    cast.come_back_on(FUNDED_ON)
    cast(alix(), page_of(grant)).make("Déclarer le dossier complet", early_start="none")
    funder = cast(person(grant, Role.FUNDER), page_of(grant))
    funder.make("Programmer", programmed_cents="4 890 000")
    funder.page.goto(f"{page_of(grant)}acte/")
    funder.send(
        "Enregistrer l’acte",
        planned_start_on="2026-07-01",
        planned_end_on="2028-06-30",
    )
    signed = cast(person(grant, Role.AUTHORITY), page_of(grant))
    signed.make(
        "Attribuer la subvention",
        act_reference="ARR-2026-12",
        signed_on=today(),
        password=PASSWORD,
    )
    order = signed.page.request.get(f"{page_of(grant)}acte.pdf")
    assert order.body().startswith(b"%PDF-")


def commit(cast, grant, school):
    """Notify the order with its proof, commit it in Chorus, confirm the funding."""
    funder = cast(person(grant, Role.FUNDER), page_of(grant))
    funder.make(
        "Enregistrer la notification",
        notified_on=today(),
        proof_kind="post",
        proof="AR 1A 234 567 8901 2",
    )
    funder.make("Enregistrer l’engagement (EJ)", ej_number="2104567890")
    see(funder, "subvention")
    cast(person(school, Role.FUNDER), page_of(school)).make(
        "Confirmer le financement", early_start="none"
    )
    envelope = Envelope.objects.get(scheme="dsil")
    assert (envelope.reserved_cents, envelope.committed_cents) == (0, AID_DSIL)


def begin(cast, grant, school, cite):
    """Declare both starts, have that of the grant countersigned, pay an advance."""
    said = {"first_legal_act": MARKET, "started_on": today()}
    done(school, "start", Role.OWNER, **said)
    owner = cast(person(school, Role.OWNER), page_of(grant))
    owner.make("Déclarer le commencement", **said)
    cast(alix(), page_of(grant)).make("Déclarer le commencement", **said)
    payment = ask_to_be_paid(owner, grant, PaymentKind.ADVANCE, "1 000 000")
    accountant = person(grant, Role.ACCOUNTANT)
    certify_and_pay(cast, payment, "1 000 000", lead=alix(), accountant=accountant)
    see(cast(accountant), "paiement")

    done(cite, "confirm_funding", Role.FUNDER, early_start="none")
    cast(person(cite, Role.OWNER), page_of(cite)).make(
        "Démarrer les travaux",
        service_order_on=today(),
        permit="DP 062 498 26 00012",
        tenants_consulted_on=today(),
        rehousing_plan=True,
    )


def deliver(cast, school, cite):
    """Report on the works and deliver them, with the visa of the lead service."""
    cast.come_back_on(DELIVERED_ON)
    owner = cast(person(cite, Role.OWNER), page_of(cite))
    owner.make(
        "Rendre compte de l’avancement",
        dwellings_delivered=160,
        dwellings_withdrawn=3,
        label_after="B",
    )
    owner.make("Livrer")
    assert state_of(cite) == State.IN_PROGRESS
    cast(person(cite, Role.LEAD_SERVICE), page_of(cite)).make("Livrer")
    assert state_of(cite) == State.DELIVERED

    spent = {"progress_percent": 100, "spent_cents": COST}
    done(school, "record_progress", Role.OWNER, **spent)
    factories.documents(factories.again(school))
    done(school, "deliver", Role.OWNER)
    cast(alix(), page_of(school)).make("Déclarer l’achèvement")
    assert state_of(school) == State.DELIVERED


def settle(cast, grant):
    """Complete the project, certify the service done, pay the balance."""
    owner = cast(person(grant, Role.OWNER))
    for kind in (DocumentKind.STATEMENT, DocumentKind.COMPLETION):
        join(owner, grant, kind)
    owner.page.goto(page_of(grant))
    owner.make("Déclarer l’achèvement", completed_on=today(), spent_cents="9 780 000")
    cast(alix(), page_of(grant)).make(
        "Attester le service fait", real_cost_cents="9 780 000", conforms=True
    )
    payment = ask_to_be_paid(owner, grant, PaymentKind.BALANCE, "3 890 000")
    accountant = person(grant, Role.ACCOUNTANT)
    certify_and_pay(cast, payment, "3 890 000", lead=alix(), accountant=accountant)
    cast(accountant, page_of(grant)).make("Solder la subvention")
    envelope = Envelope.objects.get(scheme="dsil")
    assert envelope.paid_cents == AID_DSIL


def close(cast, grant, school, cite):
    """Close the grant, then both operations."""
    cast(person(grant, Role.FUNDER), page_of(grant)).make("Clôturer", ej_closed=True)
    for lead, operation in (
        (alix(), school),
        (person(cite, Role.LEAD_SERVICE), cite),
    ):
        cast(lead, page_of(operation)).make(
            "Clôturer l’opération", insertion_hours=1200
        )
    states = [state_of(one) for one in (grant, school, cite)]
    assert states == ["closed"] * 3


def prove(cast, operations, grants, folder):
    """Take both dossiers; the verifier that each holds finds nothing wrong."""
    for one in (*operations, *grants):
        assert verify.problems_of(granting.again(one).case) == []
    key = Signer.of_pem("erbm.invalid/journal", Signer.new_pem())
    sealing.seal(by=key, at=timezone.now())
    auditor = cast(factories.auditor())
    for operation, grant in zip(operations, grants, strict=True):
        taken = folder / operation.case.reference
        names = take_dossier(auditor, operation, taken)
        assert f"lies/{grant.case.reference}/acte.pdf" in names
        assert verdict_on(taken) == 0
        events = taken / "preuve" / "events.jsonl"
        events.write_text(events.read_text().replace("move", "mOve", 1))
        assert verdict_on(taken) != 0
    cast.leave()


# The grant of the landlord, by commands


def walk_the_aid_of_the_landlord(cite):
    """Bring the aid of the landlord from its request to its commitment."""
    aid = Grant.objects.get(operation=cite)
    done(aid, "declare_complete", Role.LEAD_SERVICE, early_start="none")
    done(aid, "program", Role.FUNDER, programmed_cents=AID_HOUSING)
    granting.prepare_act(
        granting.again(aid), basis_cents=COST, rate=40_90, award_cents=AID_HOUSING
    )
    award = {"act_reference": "ARR-2026-13", "signed_on": today()}
    done(aid, "award", Role.AUTHORITY, **award)
    proof = {"notified_on": today(), "proof_kind": "post", "proof": "AR 2"}
    done(aid, "notify", Role.FUNDER, **proof)
    done(aid, "record_commitment", Role.FUNDER, ej_number="2104567891")
    said = {"first_legal_act": MARKET, "started_on": today()}
    done(aid, "declare_start", Role.OWNER, **said)
    done(aid, "declare_start", Role.LEAD_SERVICE, **said)
    return aid


def settle_the_aid_of_the_landlord(aid):
    """Bring the aid of the landlord to its end."""
    granting.complete(granting.again(aid))
    spent = {"completed_on": today(), "spent_cents": COST}
    done(aid, "declare_completion", Role.OWNER, **spent)
    certified = {"real_cost_cents": COST, "conforms": True}
    done(aid, "certify_service", Role.LEAD_SERVICE, **certified)
    balance = granting.justified(
        granting.prepared(
            granting.again(aid), PaymentKind.BALANCE, AID_HOUSING, at=timezone.now()
        )
    )
    done(balance, "request", Role.OWNER)
    done(balance, "certify", Role.LEAD_SERVICE, certified_cents=AID_HOUSING)
    paid = {"paid_on": today(), "payment_reference": "DP 2"}
    done(balance, "pay", Role.ACCOUNTANT, **paid)
    done(aid, "settle", Role.ACCOUNTANT)
    done(aid, "close", Role.FUNDER, ej_closed=True)
