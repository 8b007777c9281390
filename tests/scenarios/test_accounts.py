"""Campaigns, tags and what services plan: kept by one, read by all, added up."""

import datetime
import json

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from erbm.programme.models import Campaign, ServicePlan, Tag, Tagging
from erbm.scenarios import totals
from tests.operations import factories
from tests.operations.forms import text_of
from tests.programme.people import director, owner, secretary, treasurer
from workflow.models import Entry, EntryKind

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

OPENS, CLOSES = datetime.date(2026, 2, 1), datetime.date(2026, 3, 31)


def page(client, by, name, *args, data=None):
    client.force_login(by)
    address = reverse(f"scenarios:{name}", args=args)
    if data is None:
        return client.get(address)
    return client.post(address, data, follow=True)


def plain(response):
    return text_of(response).replace("\u202f", " ").replace("\xa0", " ")


def latest_change():
    entry = Entry.objects.filter(kind=EntryKind.CONFIGURED).latest("pk")
    return json.loads(entry.body)["facts"]


CAMPAIGN = {
    "name": "Relevé des demandes de 2026",
    "opens_on": "2026-02-01",
    "closes_on": "2026-03-31",
    "committee_on": "2026-06-15",
    "notified_on": "2026-07-20",
}


# Campaigns


def test_a_campaign_counts_what_was_received_while_it_was_open(client):
    received = factories.operation_at("proposed")
    draft = factories.opened()
    campaign = Campaign.objects.create(name="C", opens_on=OPENS, closes_on=CLOSES)

    response = page(client, secretary(), "campaign", campaign.pk)

    assert list(response.context["operations"]) == [received]
    assert received.case.reference in plain(response)
    assert draft.case.reference not in plain(response)
    assert response.context["total"].requested_cents == received.requested_cents


@pytest.mark.parametrize(("days", "counted"), [(0, 1), (1, 0)])
def test_the_last_day_of_a_campaign_counts(days, counted):
    received = factories.operation_at("proposed")
    end = received.received_on - datetime.timedelta(days=days)
    campaign = Campaign(opens_on=datetime.date(2026, 1, 1), closes_on=end)

    assert totals.of(totals.received_in(campaign)).operations == counted


def test_the_project_director_opens_and_changes_a_campaign(client):
    page(client, director(), "campaign_new", data=CAMPAIGN)
    campaign = Campaign.objects.get()
    later = CAMPAIGN | {"closes_on": "2026-04-15"}
    response = page(client, director(), "campaign_edit", campaign.pk, data=later)

    assert "15 avril 2026" in plain(response)
    assert latest_change()["changes"] == {"closes_on": ["2026-03-31", "2026-04-15"]}


@pytest.mark.parametrize(
    "days",
    [
        {"closes_on": "2026-01-31"},
        {"committee_on": "2026-03-30"},
        {"committee_on": ""},
        {"notified_on": "2026-06-14"},
        {"opens_on": "hier"},
        {"name": ""},
    ],
)
def test_a_campaign_whose_days_do_not_follow_is_refused(client, days):
    response = page(client, director(), "campaign_new", data=CAMPAIGN | days)

    assert response.status_code == 422
    assert not Campaign.objects.exists()


def test_the_database_keeps_the_days_in_order_too():
    with pytest.raises(IntegrityError), transaction.atomic():
        Campaign.objects.create(name="C", opens_on=CLOSES, closes_on=OPENS)


# Tags


def test_an_operation_counts_under_a_tag_until_it_is_taken_away(client):
    operation = factories.opened()
    said = {"reference": operation.case.reference.lower()}

    added = page(client, director(), "tag_add", "crte", data=said)
    page(client, director(), "tag_add", "crte", data=said)  # once more changes nothing

    assert Tagging.objects.count() == 1
    assert operation.case.title in plain(added)
    total = totals.of(totals.tagged(Tag.objects.get(code="crte")))
    assert (total.operations, total.cost_cents) == (1, operation.cost_cents)
    assert latest_change()["changes"] == {"taggings": [False, True]}
    assert "CRTE 1" in plain(page(client, secretary(), "tags"))

    page(client, director(), "tag_remove", "crte", operation.pk, data={})

    assert not Tagging.objects.exists()
    assert latest_change()["changes"] == {"taggings": [True, False]}


@pytest.mark.parametrize("reference", ["", "OP-INCONNUE", "x" * 41])
def test_a_reference_that_nothing_bears_is_said_so(client, reference):
    response = page(
        client, director(), "tag_add", "cper", data={"reference": reference}
    )

    assert response.status_code == 422
    assert "reference" in response.context["form"].errors


# What services plan


def test_what_services_plan_is_added_up_by_year(client):
    ademe = factories.unit("ademe")
    said = {"year": 2026, "unit": ademe.pk, "label": "Fonds chaleur"}
    said |= {"planned_cents": "2 000 000", "spent_cents": "0"}
    page(client, director(), "plan_new", data=said)
    plan = ServicePlan.objects.get()

    response = page(
        client, director(), "plan_edit", plan.pk, data=said | {"spent_cents": "500"}
    )

    assert "2026 2 000 000,00 € 500,00 €" in plain(response)
    assert latest_change()["changes"] == {"spent_cents": [0, 500_00]}


@pytest.mark.parametrize(
    "said", [{"planned_cents": "-1"}, {"year": "x"}, {"label": ""}, {"unit": "0"}]
)
def test_a_plan_that_makes_no_sense_is_refused(client, said):
    usual = {"year": 2026, "unit": factories.unit("ademe").pk, "label": "Fonds"}
    usual |= {"planned_cents": "1", "spent_cents": "0"}

    response = page(client, director(), "plan_new", data=usual | said)

    assert response.status_code == 422
    assert not ServicePlan.objects.exists()


# Who


@pytest.mark.parametrize("name", ["campaigns", "tags", "plans"])
def test_the_services_read_and_the_owners_do_not(client, name):
    assert page(client, secretary(), name).status_code == 200
    assert page(client, owner(), name).status_code == 404


@pytest.mark.parametrize("who", [treasurer, secretary, owner])
def test_the_project_director_alone_keeps_them(client, who):
    operation = factories.opened()
    said = {"reference": operation.case.reference}

    for name, args, data in (
        ("campaign_new", [], CAMPAIGN),
        ("plan_new", [], {}),
        ("tag_add", ["crte"], said),
        ("tag_remove", ["crte", operation.pk], {}),
    ):
        assert page(client, who(), name, *args, data=data).status_code == 404

    assert not Campaign.objects.exists()
    assert not Tagging.objects.exists()
