"""The screens of the conditions: accepted, listed, shown, proved."""

import datetime
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from erbm.obligations.models import Obligation
from flows.operation import State
from flows.roles import Role
from tests.obligations.factories import (
    DUE,
    WORDING,
    accepted,
    anew,
    heard,
    obligation_at,
    prove,
    somebody,
)
from tests.operations.factories import (
    PDF,
    auditor,
    operation_at,
    person,
    person_of,
    stranger,
    unit,
)
from tests.operations.forms import address, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def url(name, *args):
    return reverse(f"obligations:{name}", args=args)


def sent(**said):
    return {"key": str(uuid.uuid4())} | said


def test_those_who_decide_accept_what_services_asked_and_what_they_add(client):
    operation = heard()
    client.force_login(person(operation, Role.COMMITTEE_SECRETARY))
    page = client.get(url("accept", operation.pk))
    assert "Poser des nichoirs." in text_of(page)
    form = page.context["form"]
    first, second = form.demanded

    response = client.post(
        url("accept", operation.pk),
        sent(
            origin="committee",
            decision="Comité du 2 mars 2026",
            **{
                f"take_{first.pk}": "on",
                f"due_{first.pk}": "2028-01-31",
                "wording_1": WORDING,
                "due_on_1": DUE.isoformat(),
            },
        ),
        follow=True,
    )

    page = text_of(response)
    assert "Les conditions sont retenues et suivies." in page
    owed = {(one.wording, one.due_on) for one in operation.obligations.all()}
    assert owed == {
        (WORDING, DUE),
        (first.wording, datetime.date(2028, 1, 31)),
    }
    assert "Demandées par les services, et non retenues" in page
    assert second.wording in page


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "Cochez ou écrivez une condition au moins."),
        ({"wording_1": "Sans jour."}, "Dites pour quel jour."),
        ({"due_on_2": "2027-01-01"}, "Dites ce qui est dû ce jour-là."),
        ({"wording_1": "Hier.", "due_on_1": "2020-01-01"}, "Cette échéance est passée"),
    ],
)
def test_a_form_that_says_nothing_to_follow_is_shown_again(client, said, why):
    operation = operation_at(State.AWAITING_COPIL)
    client.force_login(person(operation, Role.SUB_PREFECT))

    response = client.post(
        url("accept", operation.pk), sent(origin="copil", decision="COPIL", **said)
    )

    assert response.status_code == 422
    assert why in text_of(response)
    assert not Obligation.objects.exists()


def test_the_owner_reads_why_she_accepts_nothing(client):
    operation = operation_at(State.AWAITING_COPIL)
    client.force_login(person(operation, Role.OWNER))

    page = text_of(client.get(url("accept", operation.pk)))

    assert "Cette modification revient à" in page
    assert "Retenir ces conditions" not in page
    detail = text_of(client.get(address("detail", operation)))
    assert "Aucune condition n’a été retenue." in detail
    assert "Retenir des conditions" not in detail


def test_its_page_says_who_owes_it_and_offers_to_declare_it_met(client):
    one = obligation_at()
    prove(one)
    client.force_login(somebody(one, Role.OWNER))

    page = text_of(client.get(url("detail", one.pk)))

    assert WORDING in page
    assert one.operation.case.reference in page
    assert "Déclarer la condition tenue" in page
    assert "Plan des réseaux" in page
    assert "Joindre une preuve" in page


def test_it_is_declared_met_by_the_form_that_any_move_has(client):
    one = obligation_at()
    client.force_login(somebody(one, Role.OWNER))
    form = url("move", one.pk, "report")
    assert client.get(form).status_code == 200

    client.post(form, sent(seen=one.case.version, account="Plan transmis."))

    assert anew(one).case.state == "reported"


def test_a_proof_is_joined_and_given_back_as_an_attachment(client):
    one = obligation_at()
    client.force_login(somebody(one, Role.OWNER))
    assert client.get(url("proof_new", one.pk)).status_code == 200

    client.post(
        url("proof_new", one.pk),
        sent(title="Plan", file=SimpleUploadedFile("plan.pdf", PDF)),
    )

    [proof] = one.proofs.all()
    response = client.get(url("proof", one.pk, proof.pk))
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert b"".join(response.streaming_content) == PDF


def test_a_program_is_no_proof(client):
    one = obligation_at()
    client.force_login(somebody(one, Role.OWNER))

    response = client.post(
        url("proof_new", one.pk),
        sent(title="Plan", file=SimpleUploadedFile("plan.pdf", b"MZ\x90")),
    )

    assert response.status_code == 422
    assert not one.proofs.exists()


def test_the_proof_of_another_condition_is_not_given(client):
    one, other = obligation_at(), obligation_at()
    prove(other)
    client.force_login(auditor())

    address = url("proof", one.pk, other.proofs.get().pk)

    assert client.get(address).status_code == 404


@pytest.mark.parametrize("name", ["detail", "trail", "path", "proof_new"])
def test_strangers_find_none_of_its_pages(client, name):
    one = obligation_at()
    client.force_login(stranger())

    assert client.get(url(name, one.pk)).status_code == 404


@pytest.mark.parametrize("name", ["trail", "path", "as_of"])
def test_its_past_is_shown_to_an_auditor(client, name):
    client.force_login(auditor())

    assert client.get(url(name, obligation_at("met").pk)).status_code == 200


def shown(client, **said):
    response = client.get(url("list"), said)
    assert response.status_code == 200
    return [one for one, _ in response.context["rows"]]


def test_the_list_is_reduced_by_what_one_looks_for(client):
    running, met = obligation_at(), obligation_at("met")
    client.force_login(auditor())

    assert shown(client) == [running, met]
    assert shown(client, state="running") == [running]
    assert shown(client, state="met") == [met]
    assert shown(client, q="réseaux") == [running, met]
    assert shown(client, q=met.case.reference) == [met]
    assert shown(client, q="rien de tel") == []
    assert shown(client, origin="copil") == []
    assert shown(client, debtor=running.debtor_id) == [running, met]
    assert shown(client, due_from="2027-07-01") == []
    assert shown(client, due_to="2027-06-30") == [running, met]
    assert shown(client, step="keep") == [running]
    assert shown(client, jurisdiction="arrondissement-lens") == [running, met]
    assert shown(client, kind="obligation", state="open") == [running]


def test_what_is_late_stands_out_in_the_list(client):
    operation = operation_at(State.AWAITING_COPIL)
    [one] = accepted(operation)
    Obligation.objects.filter(pk=one.pk).update(
        first_due_on=datetime.date(2020, 1, 1), due_on=datetime.date(2020, 1, 1)
    )
    client.force_login(auditor())

    response = client.get(url("list"), {"state": "overdue"})

    assert [late for _, late in response.context["rows"]] == [True]
    assert "En retard" in text_of(response)


def test_one_sees_the_conditions_of_ones_operations_and_no_others(client):
    obligation_at()
    client.force_login(person_of(unit("sia-habitat"), Role.OWNER))

    assert shown(client) == []


def test_the_list_costs_the_same_however_long(client, django_assert_max_num_queries):
    operation = operation_at(State.AWAITING_COPIL)
    for _ in range(4):
        accepted(operation)
    client.force_login(auditor())
    shown(client)

    with django_assert_max_num_queries(12):
        shown(client)


def test_what_is_owed_waits_in_the_inbox_of_who_owes_it(client):
    one = obligation_at()
    client.force_login(somebody(one, Role.OWNER))

    page = text_of(client.get(reverse("inbox")))

    assert one.case.reference in page
    assert "Tenir la condition" in page
