"""The rules of the bodies: set by the project director alone, version by version."""

import datetime

import pytest
from django.urls import reverse

from erbm.committees import commands
from erbm.committees.models import BodyVersion
from erbm.committees.models.bodies import RULES
from flows.roles import Role
from tests.committees import factories
from tests.committees.factories import COPIL, LENS, NOW, body, secretary
from tests.operations.factories import stranger, unit
from tests.operations.forms import hidden
from tests.programme.people import director
from workflow.models import Entry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

WHY = "Règlement intérieur du 3 mars 2026 (exemple inventé)."


def seats_of(one):
    return [
        commands.SeatSaid(seat.unit_id, seat.role, has_vote=seat.has_vote)
        for seat in one.seats.all()
    ]


def change(code=LENS, *, by=None, seen=None, seats=None, source=WHY, **values):
    one = body(code)
    return commands.change_rules(
        body_id=one.pk,
        change=commands.RulesChange(
            values={"source": source, **values},
            seats=seats_of(one) if seats is None else seats,
        ),
        seen=one.in_force().version if seen is None else seen,
        by=by or director(),
        at=NOW,
    )


def test_a_change_is_a_new_version_and_the_register_says_who_and_what():
    former = body().in_force()

    new = change(quorum_percent=60)

    assert (former.version, new.version) == (1, 2)
    assert (new.author, new.at, new.source) == (director(), NOW, WHY)
    assert body().quorum_percent == 60
    assert body().versions.get(version=1).quorum_percent == 50
    entry = Entry.objects.filter(kind="configured").latest("pk")
    assert entry.actor == director()
    assert '"quorum_percent":[50,60]' in entry.body
    assert '"version":[1,2]' in entry.body


def test_seats_are_kept_version_by_version():
    seats = [one for one in seats_of(body()) if one.unit_id != unit("region").pk]

    new = change(seats=seats)

    assert new.differing(body().versions.get(version=1)) == ["source", "seats"]
    assert not body().seats.filter(unit__code="region").exists()
    assert ["region", Role.COMMITTEE_MEMBER, True] not in new.seats


def test_a_sitting_keeps_the_rules_under_which_it_was_convened():
    sitting = factories.open_()
    [item] = sitting.agenda()

    change(quorum_percent=100, votes=False, proxies_most=0)

    sitting = factories.attend(sitting, absent=["region"])
    assert sitting.count().needed == 3
    sitting = factories.decide(sitting, item)
    assert sitting.agenda()[0].votes_for == 5
    later = NOW.date() + datetime.timedelta(days=60)
    following = factories.planned(held_on=later)
    assert following.rules.quorum_percent == 100
    assert sitting.convened_under.version == 1


def test_the_rhythm_of_the_next_year_follows_the_rules():
    change(first_month=3, every_months=6, week=-1, weekday=0)

    days = commands.plan_year(body_id=body().pk, year=2031, by=secretary(), at=NOW)

    assert [str(one.held_on) for one in days] == ["2031-03-31", "2031-09-29"]


def without(role, code=LENS):
    return [one for one in seats_of(body(code)) if one.role != role]


def voiceless():
    return [commands.SeatSaid(one.unit_id, one.role) for one in seats_of(body())]


def twice():
    return [*seats_of(body()), seats_of(body())[0]]


def one_institution():
    region = unit("region").pk
    chairs = {Role.COPIL_STATE: region, Role.COPIL_REGION: region}
    return [
        commands.SeatSaid(chairs.get(one.role, one.unit_id), one.role, one.has_vote)
        for one in seats_of(body(COPIL))
    ]


@pytest.mark.parametrize(
    ("code", "seats", "why"),
    [
        (LENS, lambda: without(Role.SUB_PREFECT), "Il manque un siège"),
        (COPIL, lambda: without(Role.COPIL_REGION, COPIL), "Il manque un siège"),
        (LENS, lambda: without(Role.COMMITTEE_SECRETARY), "secrétariat"),
        (LENS, voiceless, "voix délibérative"),
        (LENS, twice, "deux fois"),
        (COPIL, one_institution, "deux institutions"),
    ],
)
def test_a_body_that_could_not_sit_is_refused(code, seats, why):
    with pytest.raises(commands.MoveRefused, match=why):
        change(code, seats=seats(), source="Autre.")
    assert body(code).versions.count() == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"quorum_percent": 101}, "__all__"),
        ({"first_month": 13}, "__all__"),
        ({"week": 9}, "week"),
        ({"freeze_days": 91}, "freeze_days"),
        ({"notice_days": 91}, "notice_days"),
        ({"proxies_most": 21}, "proxies_most"),
    ],
)
def test_rules_out_of_bounds_are_refused(values, field):
    with pytest.raises(commands.MoveRefused) as caught:
        change(**values)

    assert field in {one.field for one in caught.value.refusals}
    change(freeze_days=90, notice_days=90, proxies_most=20, quorum_percent=100)


def test_only_the_project_director_changes_them_and_what_she_has_seen():
    with pytest.raises(commands.MoveRefused, match="directeur de projet"):
        change(by=secretary(), quorum_percent=60)
    change(quorum_percent=60)
    with pytest.raises(commands.MoveRefused, match="vient de changer"):
        change(quorum_percent=70, seen=1)
    with pytest.raises(commands.MoveRefused, match="Aucune règle"):
        change()
    assert BodyVersion.objects.filter(body=body()).count() == 2


# The pages


def page(name):
    return reverse(f"committees:{name}", args=[body().pk])


def test_the_page_says_the_rules_and_who_may_change_them(client):
    change(quorum_percent=60)
    client.force_login(secretary())

    shown = client.get(page("rules"))

    assert "directeur de projet ERBM" in shown.text
    assert page("rules_change") not in shown.text
    assert WHY in shown.text
    assert "Quorum, en % des voix" in shown.text
    assert client.get(page("rules_change")).status_code == 404
    assert page("rules") in client.get(reverse("committees:list")).text
    client.force_login(stranger())
    assert client.get(page("rules")).status_code == 404
    client.force_login(director())
    assert page("rules_change") in client.get(page("rules")).text


def test_rules_and_seats_are_changed_from_the_page(client):
    client.force_login(director())
    asked, one = client.get(page("rules_change")), body()
    names = ("seen", "seats-TOTAL_FORMS", "seats-INITIAL_FORMS")
    sent = {name: hidden(asked, name) for name in names}
    for name in RULES:
        value = getattr(one, name)
        if value is not False:
            sent[name] = "on" if value is True else str(value)
    seats = list(one.seats.all())
    for rank, seat in enumerate(seats):
        sent |= {f"seats-{rank}-unit": seat.unit_id, f"seats-{rank}-role": seat.role}
        if seat.has_vote:
            sent[f"seats-{rank}-has_vote"] = "on"
    new = len(seats)
    sent |= {
        "source": WHY,
        "quorum_percent": "34",
        "seats-3-DELETE": "on",
        f"seats-{new}-unit": unit("anru").pk,
        f"seats-{new}-role": Role.COMMITTEE_MEMBER,
    }

    refused = client.post(page("rules_change"), sent | {"quorum_percent": "101"})
    answer = client.post(page("rules_change"), sent, follow=True)

    assert refused.status_code == 422
    assert "Le quorum va de 0 à 100" in refused.text
    assert "%%" not in refused.text
    assert "La nouvelle version est en vigueur" in answer.text
    latest = body().in_force()
    assert (latest.version, latest.quorum_percent) == (2, 34)
    codes = [code for code, *_ in latest.seats]
    assert codes[-1] == "anru"
    assert len(codes) == len(seats)
    assert "Sièges" in answer.text
    again = client.post(page("rules_change"), sent | {"quorum_percent": "35"})
    assert "vient de changer" in again.text
