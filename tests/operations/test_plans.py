"""The financing plan: drawn up, added up, notified, settled."""

import pytest

from flows.operation import State
from flows.roles import Role
from tests.operations.factories import (
    again,
    opened,
    operation_at,
    person,
    stranger,
    unit,
)
from tests.operations.forms import address, sent, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def lines(*rows, initial=0):
    said = {"lines-TOTAL_FORMS": len(rows), "lines-INITIAL_FORMS": initial}
    for number, (scheme, funder, amount) in enumerate(rows):
        said[f"lines-{number}-scheme"] = scheme
        said[f"lines-{number}-funder"] = unit(funder).pk if funder else ""
        said[f"lines-{number}-amount_cents"] = amount
    return said


BALANCED = [
    ("fnadt", "sgar", "4 000 000"),
    ("region", "region", "3 000 000,00"),
    ("", "", ""),
    ("own", "", "2780000"),
]


@pytest.fixture
def operation(client):
    operation = opened()
    client.force_login(person(operation, Role.OWNER))
    return operation


def test_a_plan_is_saved_without_its_blank_lines(client, operation):
    response = client.post(
        address("plan", operation), sent(operation, **lines(*BALANCED)), follow=True
    )

    assert [
        (line.scheme, line.amount_cents, line.funder and line.funder.code)
        for line in again(operation).lines.select_related("funder").order_by("pk")
    ] == [
        ("fnadt", 4_000_000_00, "sgar"),
        ("region", 3_000_000_00, "region"),
        ("own", 2_780_000_00, None),
    ]
    assert again(operation).requested_cents == 7_000_000_00
    assert "Le plan de financement est enregistré." in text_of(response)


def test_a_plan_is_added_up_without_being_saved(client, operation):
    said = sent(operation, intent="sum", **lines(("fnadt", "sgar", "4 000 000")))

    response = client.post(address("plan", operation), said)

    assert response.status_code == 200
    text = text_of(response).replace("\u202f", " ").replace("\xa0", " ")
    assert "il manque 5 780 000,00 €" in text
    assert "40,9 %" in text
    assert not again(operation).lines.exists()


def test_what_is_wrong_with_a_line_does_not_stop_the_sum(client, operation):
    said = lines(("fnadt", "sgar", "douze"), ("own", "", "1 000"))

    response = client.post(
        address("plan", operation), sent(operation, intent="sum", **said)
    )

    text = text_of(response).replace("\u202f", " ").replace("\xa0", " ")
    assert "Total du plan 1 000,00 €" in text
    assert "Écrivez un montant en euros" in text


def test_a_plan_beyond_the_ceilings_is_told_so(client, operation):
    said = lines(("detr", "sgar", "9 000 000"))

    response = client.post(
        address("plan", operation), sent(operation, intent="sum", **said)
    )

    assert "80 % au plus" in text_of(response).replace("\xa0", " ")


def test_more_lines_are_given_and_what_was_typed_stays(client, operation):
    said = sent(operation, intent="more", **lines(*BALANCED))

    response = client.post(address("plan", operation), said)

    assert len(response.context["form"].lines.forms) == 7
    assert 'value="3 000 000,00"' in response.content.decode()


@pytest.mark.parametrize("total", ["x", "", "-1", "999999999999", "1e3", "²"])
def test_a_forged_count_of_lines_harms_nothing(client, operation, total):
    for intent in ("more", "sum", ""):
        said = sent(operation, intent=intent, **lines(*BALANCED))
        said["lines-TOTAL_FORMS"] = total
        response = client.post(address("plan", operation), said)
        assert response.status_code in {200, 302, 422}

    assert not again(operation).lines.exists()


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (("", "sgar", "12"), "scheme"),
        (("lottery", "sgar", "12"), "scheme"),
        (("fnadt", "", "12"), "funder"),
        (("fnadt", "maisons-et-cites", "12"), "funder"),
        (("detr", "region", "12"), "funder"),
        (("region", "sgar", "12"), "funder"),
        (("fnadt", "sgar", "0"), "amount_cents"),
        (("fnadt", "sgar", "-5"), "amount_cents"),
        (("fnadt", "sgar", "9" * 40), "amount_cents"),
        (("fnadt", "sgar", "\0"), "amount_cents"),
        (("fnadt", "sgar", ""), "amount_cents"),
    ],
)
def test_a_line_that_does_not_hold_is_refused(client, operation, row, field):
    response = client.post(address("plan", operation), sent(operation, **lines(row)))

    assert response.status_code == 422
    assert field in response.context["form"].lines.forms[0].errors
    assert not again(operation).lines.exists()


def test_a_line_is_taken_away(client):
    operation = operation_at(State.DRAFT)
    client.force_login(person(operation, Role.OWNER))
    said = lines(("fnadt", "sgar", "4 890 000"), ("own", "", "4 890 000"), initial=2)

    client.post(
        address("plan", operation), sent(operation, **said, **{"lines-0-DELETE": "on"})
    )

    assert [line.scheme for line in again(operation).lines.all()] == ["own"]


def test_a_plan_saved_unchanged_stays_whole(client):
    operation = operation_at(State.DRAFT)
    client.force_login(person(operation, Role.OWNER))
    said = lines(("fnadt", "sgar", "4 890 000"), ("own", "", "4 890 000"), initial=2)

    client.post(address("plan", operation), sent(operation, **said))

    assert again(operation).financing_gap_cents() == 0


def test_a_plan_changed_meanwhile_is_a_conflict_that_loses_nothing(client, operation):
    late = sent(operation, **lines(*BALANCED))
    client.post(
        address("plan", operation), sent(operation, **lines(("own", "", "1 000")))
    )

    response = client.post(address("plan", operation), late)
    assert response.status_code == 409
    assert "FNADT 4 000 000" in text_of(response)

    resumed = client.post(address("plan", operation), late | {"resume": "yes"})
    assert 'value="3 000 000,00"' in resumed.content.decode()
    fresh = resumed.context["form"]["seen"].value()
    assert (
        client.post(address("plan", operation), late | {"seen": fresh}).status_code
        == 302
    )


def test_a_plan_is_closed_once_submitted(client):
    operation = operation_at(State.PROPOSED)
    client.force_login(person(operation, Role.OWNER))

    response = client.post(
        address("plan", operation), sent(operation, **lines(*BALANCED))
    )

    assert response.status_code == 422
    assert again(operation).lines.count() == 2


class TestNotification:
    @pytest.fixture
    def operation(self, client):
        operation = operation_at(State.FUNDING)
        client.force_login(person(operation, Role.FUNDER))
        return operation

    @pytest.fixture
    def line(self, operation):
        return operation.lines.awaiting_notification().get()

    def test_it_is_recorded_once(self, client, operation, line):
        said = sent(operation, notified_on="2026-03-02", notification="ARR-2026-12")

        for _ in range(2):
            url = address("notify", operation, line.pk)
            assert client.post(url, said).status_code == 302

        line.refresh_from_db()
        assert (str(line.notified_on), line.notification) == (
            "2026-03-02",
            "ARR-2026-12",
        )

    def test_it_is_not_recorded_again(self, client, operation, line):
        url = address("notify", operation, line.pk)
        said = {"notified_on": "2026-03-02", "notification": "A"}
        client.post(url, sent(operation, **said))

        response = client.post(url, sent(operation, **(said | {"notification": "B"})))

        assert response.status_code == 422
        assert "déjà enregistrée" in text_of(response)

    @pytest.mark.parametrize("name", ["notify", "settle"])
    def test_the_line_of_another_operation_is_not_found(self, client, operation, name):
        other = operation_at(State.FUNDING)
        theirs = other.lines.awaiting_notification().get()

        for line_id in (theirs.pk, 0, 10**17):
            url = address(name, operation, line_id)
            assert client.get(url).status_code == 404
            assert client.post(url, sent(operation)).status_code == 404

    def test_it_is_the_funders(self, client, operation, line):
        url = address("notify", operation, line.pk)
        client.force_login(person(operation, Role.OWNER))
        assert "service financeur" in text_of(client.get(url))
        client.force_login(stranger())
        assert client.get(url).status_code == 404


class TestSettlement:
    @pytest.fixture
    def operation(self, client):
        operation = operation_at(State.DELIVERED)
        client.force_login(person(operation, Role.FUNDER))
        return operation

    @pytest.fixture
    def line(self, operation):
        return operation.lines.awaiting_settlement().get()

    def test_it_is_recorded(self, client, operation, line):
        url = address("settle", operation, line.pk)

        assert client.get(url).status_code == 200
        client.post(url, sent(operation, settled_on="2026-11-02"))

        line.refresh_from_db()
        assert str(line.settled_on) == "2026-11-02"

    def test_it_comes_after_the_notification(self, client, operation, line):
        response = client.post(
            address("settle", operation, line.pk),
            sent(operation, settled_on="2026-01-01"),
        )

        assert response.status_code == 422
        assert response.context["form"].errors["settled_on"]


def test_what_is_typed_is_measured_against_the_rules_in_force(client, operation):
    said = sent(operation, intent="sum", **lines(("detr", "sgar", "1 000 000")))

    response = client.post(
        address("plan", operation), said, headers={"HX-Request": "true"}
    )

    text = text_of(response).replace("\u202f", " ").replace("\xa0", " ")
    assert 'id="plan-live"' in response.content.decode()
    assert "10,2 %" in text
    assert "20 % au moins de la dépense subventionnable" in text
    assert "la commission des élus donne son avis" in text
    assert not again(operation).lines.exists()
