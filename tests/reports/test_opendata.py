"""Grants above 23,000 € are published in the columns of the arrêté."""

import csv
import datetime
import io

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from erbm.funding.models import Line
from erbm.organisations.models import Organisation
from erbm.reports import opendata
from flows.operation import State
from tests.operations.factories import auditor, operation_at, stranger, unit
from tests.operations.forms import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

SIRET = "12345678901234"
LATER = datetime.date(2030, 1, 1)


def held():
    return list(auditor().memberships.select_related("unit"))


def rows(on=LATER):
    written = opendata.csv_of(list(opendata.published(held(), on)))
    return list(csv.DictReader(io.StringIO(written)))


@pytest.fixture
def line():
    """Return the grant of an operation whose funding is confirmed."""
    operation = operation_at(State.FUNDED)
    return operation.lines.grants().get()


def test_a_grant_is_told_in_the_fourteen_columns(line):
    Organisation.objects.filter(unit=unit("sgar")).update(siret=SIRET)

    [row] = rows()

    assert tuple(row) == opendata.COLUMNS
    assert row["nomAttribuant"] == unit("sgar").name
    assert row["idAttribuant"] == SIRET
    assert row["nomBeneficiaire"] == line.operation.owner.name
    assert row["montant"] == "4890000.00"
    assert row["dateConvention"] == line.notified_on.isoformat()
    assert row["datesPeriodeVersement"] == f"{line.notified_on.isoformat()}/.."
    assert row["referenceDecision"] == line.notification
    assert row["notificationUE"] == "non"
    assert row["pourcentageSubvention"] == "1"


@pytest.mark.parametrize(("cents", "count"), [(23_000_00, 0), (23_000_01, 1)])
def test_the_threshold_itself_is_not_published_and_a_cent_more_is(line, cents, count):
    Line.objects.filter(pk=line.pk).update(amount_cents=cents)

    assert len(rows()) == count


def test_what_is_not_notified_yet_is_not_published(line):
    assert rows(line.notified_on - datetime.timedelta(days=1)) == []
    assert len(rows(line.notified_on)) == 1


def test_the_money_of_the_owner_is_no_grant(line):
    assert len(rows()) == 1
    assert line.operation.lines.count() == 2


def test_what_could_be_a_formula_is_none(line):
    Line.objects.filter(pk=line.pk).update(notification="=1+1")

    [row] = rows()

    assert row["referenceDecision"] == "'=1+1"


@pytest.mark.parametrize("siret", ["1234567890123", "1234567890123A"])
def test_a_siret_has_fourteen_digits(siret):
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.filter(unit=unit("sgar")).update(siret=siret)


def test_the_page_says_what_lacks_before_one_publishes(client, line):
    client.force_login(auditor())

    page = text_of(client.get(reverse("reports:index")))

    assert "1 notifiée à ce jour" in page.replace("\xa0", " ")
    for one in (line.funder, line.operation.owner):
        assert f"{one.name} : 1 subvention" in page.replace("\xa0", " ")


def test_the_file_is_given(client, line):
    client.force_login(auditor())
    said = {"wanted": "subventions.csv", "until": "2026-06-30"}

    response = client.post(reverse("reports:give"), said)

    assert response.status_code == 200
    assert response.text.startswith("nomAttribuant,idAttribuant,dateConvention")


def test_strangers_publish_nothing(line):
    known = list(stranger().memberships.select_related("unit"))

    assert list(opendata.published(known, LATER)) == []
