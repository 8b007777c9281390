"""The pages of grants and payments: shown to those who may, said in words."""

import re
import uuid

import pytest
from django.urls import reverse
from django.utils import timezone

from erbm.grants.models import Grant, Payment, PaymentKind
from flows.grant.states import FINAL, State
from flows.payment.lifecycle import FINAL as PAYMENT_FINAL
from flows.payment.lifecycle import State as PaymentState
from flows.roles import Role
from tests.grants import factories
from tests.grants.factories import AMOUNT, again, grant_at, person
from tests.operations.factories import auditor, stranger

pytestmark = pytest.mark.django_db


def shown(client, by, name, *args, status=200):
    client.force_login(by)
    response = client.get(reverse(name, args=args))
    assert response.status_code == status
    return response


def text_of(response):
    return response.content.decode()


@pytest.mark.parametrize("state", State)
def test_the_page_of_a_grant_stands_in_every_state(client, reference, state):
    grant = grant_at(state, scheme=factories.SCHEMES.get(state, "dsil"))

    page = text_of(shown(client, auditor(), "grants:detail", grant.pk))

    assert grant.case.reference in page
    assert State(state).label in page


PLAYERS = (
    Role.OWNER,
    Role.LEAD_SERVICE,
    Role.FUNDER,
    Role.AUTHORITY,
    Role.ACCOUNTANT,
)
FORMS = re.compile(r'href="([^"]*/gestes/[^"]+)"')


def forms_of(client, subject, name):
    """Open every form that the page of a subject offers to whoever plays a part."""
    found = set()
    for role in PLAYERS:
        page = text_of(shown(client, person(subject, role), name, subject.pk))
        for address in FORMS.findall(page):
            assert client.get(address).status_code == 200
            found.add(address)
    return found


@pytest.mark.parametrize("state", sorted(set(State) - FINAL))
def test_every_move_that_a_grant_offers_has_its_form(client, reference, state):
    assert forms_of(client, grant_at(state), "grants:detail")


@pytest.mark.parametrize("state", sorted(set(PaymentState) - PAYMENT_FINAL))
def test_every_move_that_a_payment_offers_has_its_form(client, reference, state):
    payment = factories.payment_at(state, grant_at(State.IN_PROGRESS))

    assert forms_of(client, payment, "payments:detail")


def test_clocks_are_shown_with_their_origin(client, reference):
    grant = grant_at(State.COMMITTED)

    page = text_of(shown(client, auditor(), "grants:detail", grant.pk))

    assert "Commencer" in page
    assert "R. 2334-28" in page


def test_nobody_else_knows_of_it(client, reference):
    grant = grant_at(State.REQUESTED)

    shown(client, stranger(), "grants:detail", grant.pk, status=404)
    shown(client, stranger(), "grants:act_pdf", grant.pk, status=404)
    assert grant.case.reference not in text_of(shown(client, stranger(), "grants:list"))


def test_the_lists_are_reduced(client, reference):
    operation = factories.operation()
    first = grant_at(State.COMMITTED, operation)
    second = grant_at(State.REQUESTED, operation, scheme="fnadt")
    client.force_login(auditor())

    def listed(**said):
        page = text_of(client.get(reverse("grants:list"), said))
        return [g for g in (first, second) if g.case.reference in page]

    assert listed() == [first, second]
    assert listed(scheme="fnadt") == [second]
    assert listed(state="committed") == [first]
    assert listed(q=first.ej_number) == [first]
    assert listed(step="check") == [second]
    assert listed(q="rien de tel") == []


def test_an_operation_shows_the_grants_of_its_plan(client, reference):
    operation = factories.operation()
    grant = grant_at(State.REQUESTED, operation)
    refused = grant_at(State.REFUSED, operation, scheme="region")

    page = text_of(shown(client, auditor(), "operations:detail", operation.pk))

    assert grant.case.reference in page
    assert refused.case.reference in page
    assert "Demandes closes sans aide" in page


def sent(client, by, name, *args, **said):
    client.force_login(by)
    return client.post(reverse(name, args=args), {"key": uuid.uuid4()} | said)


def test_the_owner_asks_for_a_grant_from_the_plan(client, reference):
    operation = factories.operation()
    line = factories.line(operation)
    by = person(operation, Role.OWNER)
    page = text_of(shown(client, by, "operations:detail", operation.pk))
    assert reverse("grants:request", args=[operation.pk, line.pk]) in page

    shown(client, by, "grants:request", operation.pk, line.pk)
    response = sent(client, by, "grants:request", operation.pk, line.pk)

    grant = Grant.objects.get(line=line)
    assert response.url == reverse("grants:detail", args=[grant.pk])
    # Twice is once too many, and is said.
    again_ = sent(client, by, "grants:request", operation.pk, line.pk)
    assert again_.status_code == 422


def test_the_funder_prepares_the_act_and_it_is_printed(client, reference):
    grant = grant_at(State.PROGRAMMED)
    by = person(grant, Role.FUNDER)
    first = shown(client, by, "grants:act_pdf", grant.pk, status=409)
    assert "Mention obligatoire absente" in text_of(first)

    page = shown(client, by, "grants:act", grant.pk)
    form = page.context["form"]
    said = {
        name: form[name].value() or ""
        for name in form.fields
        if name != "planned_end_on"
    }
    said |= {
        "rate": "25",
        "basis_cents": "400 000",
        "award_cents": "100 000",
        "planned_end_on": "2028-06-30",
        "planned_start_on": "2026-09-01",
    }
    response = sent(client, by, "grants:act", grant.pk, **said)

    assert response.status_code == 302
    assert again(grant).award_cents == AMOUNT
    assert again(grant).rate == 25_00
    printed = shown(client, by, "grants:act_pdf", grant.pk)
    assert printed["Content-Type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF-")


@pytest.mark.parametrize("rate", ["101", "-1", "abc", "12,345"])
def test_a_rate_is_a_percentage(client, reference, rate):
    grant = grant_at(State.COMPLETE)
    said = {k: v for k, v in factories.act().items() if v} | {"rate": rate}

    response = sent(
        client,
        person(grant, Role.FUNDER),
        "grants:act",
        grant.pk,
        seen=grant.case.version,
        **said,
    )

    assert response.status_code == 422
    assert response.context["form"].errors["rate"]


@pytest.mark.parametrize("name", ["receipt_pdf", "act_pdf", "notification_pdf"])
def test_papers_are_printed(client, reference, name):
    grant = grant_at(State.NOTIFIED)

    printed = shown(client, auditor(), f"grants:{name}", grant.pk)

    assert printed.content.startswith(b"%PDF-")
    assert grant.case.reference in printed["Content-Disposition"]


def test_there_is_no_notification_before_the_act(client, reference):
    grant = grant_at(State.COMPLETE)

    shown(client, auditor(), "grants:notification_pdf", grant.pk, status=404)


def test_an_envelope_is_chosen(client, reference):
    grant = grant_at(State.COMPLETE)
    other = factories.envelope(year=2025)
    by = person(grant, Role.FUNDER)
    shown(client, by, "grants:envelope", grant.pk)

    sent(
        client,
        by,
        "grants:envelope",
        grant.pk,
        seen=grant.case.version,
        envelope=other.pk,
    )

    assert again(grant).envelope == other


def test_an_owner_prepares_a_payment(client, reference):
    grant = grant_at(State.IN_PROGRESS)
    by = person(grant, Role.OWNER)
    page = text_of(shown(client, by, "grants:detail", grant.pk))
    assert reverse("grants:payment_new", args=[grant.pk, "advance"]) in page

    shown(client, by, "grants:payment_new", grant.pk, "advance")
    response = sent(
        client, by, "grants:payment_new", grant.pk, "advance", amount_cents="10 000"
    )

    payment = Payment.objects.get(grant=grant)
    assert response.url == reverse("payments:detail", args=[payment.pk])
    assert payment.case.amount_cents == 10_000_00
    shown(client, by, "payments:edit", payment.pk)
    sent(
        client,
        by,
        "payments:edit",
        payment.pk,
        seen=payment.case.version,
        amount_cents="12 000",
    )
    assert again(payment).case.amount_cents == 12_000_00
    shown(client, by, "grants:payment_new", grant.pk, "loan", status=404)


@pytest.mark.parametrize("state", PaymentState)
def test_the_page_of_a_payment_stands_in_every_state(client, reference, state):
    payment = factories.payment_at(state, grant_at(State.IN_PROGRESS))

    page = text_of(shown(client, auditor(), "payments:detail", payment.pk))

    assert PaymentState(state).label in page
    assert payment.case.reference in text_of(shown(client, auditor(), "payments:list"))


def test_documents_are_joined_and_given_back(client, reference):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from tests.operations.factories import PDF

    grant = grant_at(State.REQUESTED)
    by = person(grant, Role.OWNER)
    shown(client, by, "grants:document_new", grant.pk)

    sent(
        client,
        by,
        "grants:document_new",
        grant.pk,
        kind="quotes",
        title="",
        file=SimpleUploadedFile("devis.pdf", PDF),
    )

    [document] = grant.documents.all()
    assert document.title == "Devis ou marché"
    response = client.get(reverse("grants:document", args=[grant.pk, document.pk]))
    assert b"".join(response.streaming_content) == PDF


def test_a_european_fund_lists_what_its_authority_wants(client, reference):
    grant = grant_at(State.REQUESTED, scheme="feder")
    factories.join(grant, "deliberation")
    by = person(grant, Role.FUNDER)
    shown(client, by, "grants:european", grant.pk)
    shown(client, by, "grants:european_pdf", grant.pk, status=404)

    response = sent(
        client,
        by,
        "grants:european",
        grant.pk,
        programme="FEDER-FSE+-FTJ Hauts-de-France 2021-2027",
        axis="Priorité 2",
        authority="Région Hauts-de-France",
        eligible_from="2026-01-01",
        eligible_until="2028-12-31",
        rate="60",
        pieces="Délibération ou décision du porteur\nFactures acquittées",
    )

    assert response.status_code == 302
    answered = [piece.document is not None for piece in grant.european.pieces.all()]
    assert answered == [True, False]
    shown(client, auditor(), "grants:european_pdf", grant.pk)
    page = text_of(shown(client, auditor(), "grants:detail", grant.pk))
    assert "à fournir" in page


def test_what_is_late_is_found(client, reference):
    grant = grant_at(State.REQUESTED)
    grant.case.tasks.update(due_at=timezone.now() - factories.DAY)
    client.force_login(auditor())

    page = text_of(client.get(reverse("grants:list"), {"late": "1"}))

    assert grant.case.reference in page
    assert PaymentKind.ADVANCE.label not in page
