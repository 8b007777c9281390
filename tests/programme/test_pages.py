"""The pages of the programme: who sees them, what they show, what they change."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from erbm.programme import commands, queries
from erbm.programme.commands import Place
from erbm.programme.models import Envelope, Level
from erbm.programme.models.rules import SETTINGS
from erbm.programme.rules import rule
from erbm.programme.schemes import Scheme
from tests.operations.forms import hidden, text_of
from tests.programme.people import director, owner, secretary, treasurer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

NOW = datetime.datetime(2026, 11, 2, 10, 0, tzinfo=datetime.UTC)


@pytest.fixture
def envelope():
    return commands.open_envelope(
        scheme=Scheme.DSIL, year=2026, cents=1_000_000_00, by=treasurer(), at=NOW
    )


def page(client, by, name, *args, **params):
    client.force_login(by)
    return client.get(reverse(f"programme:{name}", args=args), params)


def send(client, by, name, *args, **said):
    client.force_login(by)
    return client.post(reverse(f"programme:{name}", args=args), said, follow=True)


def plain(response):
    return text_of(response).replace("\u202f", " ").replace("\xa0", " ")


# Envelopes


def test_the_envelopes_are_shown_from_the_region_down(client, envelope):
    commands.delegate_credits(
        envelope_id=envelope.pk,
        place=Place(Level.DEPARTEMENT, "62"),
        cents=400_000_00,
        seen=0,
        by=treasurer(),
        at=NOW,
    )

    response = page(client, secretary(), "envelopes")

    nodes = response.context["nodes"]
    assert [(str(node.envelope), node.depth) for node in nodes] == [
        ("DSIL 2026, région", 0),
        ("DSIL 2026, Pas-de-Calais", 1),
    ]
    assert response.context["totals"]["granted_cents"] == 1_000_000_00
    assert response.context["totals"]["free_cents"] == 1_000_000_00
    assert "Ouvrir une enveloppe" not in text_of(response)


@pytest.mark.parametrize("name", ["envelopes", "envelope", "delegate", "envelope_new"])
def test_those_who_ask_for_money_do_not_see_where_it_is(client, envelope, name):
    args = [envelope.pk] if name in {"envelope", "delegate"} else []

    assert page(client, owner(), name, *args).status_code == 404


@pytest.mark.parametrize("name", ["delegate", "recall", "envelope_grant"])
def test_those_who_read_envelopes_do_not_touch_them(client, envelope, name):
    assert page(client, secretary(), name, envelope.pk).status_code == 404
    assert page(client, treasurer(), name, envelope.pk).status_code == 200


@pytest.mark.parametrize("year", ["1999", "x", "-1", "9" * 30])
def test_a_year_without_envelopes_shows_the_current_one(client, envelope, year):
    this = timezone.localdate().year
    for other in (this, this + 1):
        Envelope.objects.get_or_create(scheme=Scheme.DETR, year=other)
    assert page(client, secretary(), "envelopes", annee=year).context["year"] == this


@pytest.mark.parametrize("year", ["", "x"])
def test_the_latest_year_is_shown_if_none_is_current(client, envelope, year):
    Envelope.objects.filter(pk=envelope.pk).update(year=2019)
    assert page(client, secretary(), "envelopes", annee=year).context["year"] == 2019


def test_the_year_that_is_asked_for_is_shown(client, envelope):
    year = envelope.year
    assert page(client, secretary(), "envelopes", annee=year).context["year"] == 2026


def test_an_envelope_is_opened_then_delegated_from_its_pages(client):
    send(client, treasurer(), "envelope_new", scheme="detr", year=2026, cents="2 000")
    one = Envelope.objects.get()
    form = page(client, treasurer(), "delegate", one.pk)

    response = send(
        client,
        treasurer(),
        "delegate",
        one.pk,
        place="59",
        cents="500,50",
        seen=hidden(form, "seen"),
    )

    assert "DETR 2026, Nord" in text_of(response)
    assert "C’est enregistré" in text_of(response)
    assert Envelope.objects.get(pk=one.pk).delegated_cents == 500_50
    shown = plain(page(client, secretary(), "envelope", one.pk))
    assert "2 000,00 €" in shown
    assert "délégué 0,00 € 500,50 €" in shown


@pytest.mark.parametrize("cents", ["", "0", "-5", "douze", "1 000 000,01"])
def test_what_cannot_be_delegated_is_said_beside_the_form(client, envelope, cents):
    response = send(
        client, treasurer(), "delegate", envelope.pk, place="59", cents=cents, seen=0
    )

    assert response.status_code == 422
    assert response.context["form"].errors
    assert Envelope.objects.count() == 1


def test_a_bar_shows_all_that_is_not_nil_and_never_overflows():
    one = Envelope(
        granted_cents=1_000_000,
        paid_cents=1,
        committed_cents=2,
        awarded_cents=3,
        reserved_cents=4,
        delegated_cents=999_993,
    )

    pieces = queries.pieces(one)

    assert [piece.name for piece in pieces][:1] == ["paid"]
    assert all(piece.width >= 0 for piece in pieces)
    assert sum(piece.width for piece in pieces) == 100
    assert queries.pieces(Envelope(granted_cents=0)) == []


# Rules


def typed(**changed):
    """Return what the form of the rules sends when some fields are changed."""
    one = rule("detr", 2026)
    said = {name: getattr(one, name) for name in SETTINGS}
    said["commission_cents"] = "100 000"
    said |= {"seen": one.pk, "mark": "T", "source": "Un décret", **changed}
    return {
        name: "on" if value is True else value
        for name, value in said.items()
        if value not in (None, False)
    }


def change(client, by, **changed):
    client.force_login(by)
    address = reverse("programme:rule_change", args=["detr"])
    return client.post(f"{address}?exercice=2026", typed(**changed), follow=True)


def test_everybody_reads_the_rules_with_their_sources(client):
    response = page(client, owner(), "rule", "detr", exercice=2026)

    assert "CGCT, art. R. 2334-23" in plain(response)
    assert "Changer les règles" not in plain(response)
    listing = page(client, owner(), "rules", exercice=2026)
    assert "Aides à la pierre" in plain(listing)
    assert "Enveloppes" not in plain(listing)


def test_the_project_director_changes_a_rule_and_the_page_tells_both_values(client):
    response = change(client, director(), cumul_percent=75)

    assert rule("detr", 2026).cumul_percent == 75
    shown = plain(response)
    assert "La nouvelle version est en vigueur." in shown
    assert "Taux maximal en cumul 80 % 75 %" in shown
    assert "Un décret (texte lu), par" in shown


@pytest.mark.parametrize("who", [treasurer, secretary, owner])
def test_nobody_else_changes_a_rule(client, who):
    assert change(client, who(), cumul_percent=75).status_code == 404
    assert rule("detr", 2026).cumul_percent == 80


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"cumul_percent": 101}, "cumul_percent"),
        ({"cumul_percent": -1}, "cumul_percent"),
        ({"start_months": 241}, "start_months"),
        ({"source": ""}, "source"),
        ({"mark": "Z"}, "mark"),
        ({"list_by": "31/07"}, "list_by"),
        ({"list_by": "13-01"}, "list_by"),
        ({"vat": "none"}, "vat"),
        ({"floor_percent": 90}, "floor_percent"),
    ],
)
def test_a_value_that_does_not_hold_is_refused(client, changed, field):
    response = change(client, director(), **changed)

    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert rule("detr", 2026).version == 1
    assert rule("detr", 2026).year == 2017


def test_a_form_sent_as_it_was_says_that_nothing_changed(client):
    assert "Aucune valeur" in plain(change(client, director()))


@pytest.mark.parametrize("scheme", ["own", "lottery"])
def test_what_has_no_rules_has_no_page(client, scheme):
    assert page(client, director(), "rule", scheme).status_code == 404
