"""Scenarios: drawn up, corrected, compared, adopted at once or not at all."""

import datetime

import pytest
from django.urls import reverse

from erbm.funding import commands as funding
from erbm.funding.models import Scheme
from erbm.operations.models import Kind
from erbm.programme import commands as programme
from erbm.programme.models import Envelope, Level, Reservation
from erbm.scenarios import commands, queries
from erbm.scenarios.candidates import Criterion
from erbm.scenarios.commands import Wanted
from erbm.scenarios.models import Method, Scenario, State
from flows import operation as lifecycle
from flows.roles import Role
from tests.operations import factories
from tests.operations.forms import text_of
from tests.programme.people import director, owner, secretary, treasurer
from workflow.answers import MoveRefused
from workflow.models import Entry, EntryKind

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

NOW = datetime.datetime(2026, 11, 2, 10, 0, tzinfo=datetime.UTC)
COST = factories.COST_CENTS


@pytest.fixture
def envelope():
    """Open the FNADT of 2026 with enough for one half of an operation and a bit."""
    return programme.open_envelope(
        scheme=Scheme.FNADT, year=2026, cents=COST, by=treasurer(), at=NOW
    )


def asking(part=2, *, submitted=False, **facts):
    """Make an operation that asks the FNADT for a part of its cost."""
    operation = factories.opened(Kind.REHABILITATION, **facts)
    asked = COST // part
    funding.set_plan(
        operation_id=operation.pk,
        process=operation.process,
        lines=[
            funding.Planned(Scheme.FNADT, asked, factories.unit("sgar")),
            *([funding.Planned(Scheme.OWN, COST - asked)] if part > 1 else []),
        ],
        seen=operation.case.version,
        **factories._edited(operation, Role.OWNER),
    )
    if submitted:
        for step in (factories.documents, factories.move("submit", Role.OWNER)):
            step(factories.again(operation))
    return factories.again(operation)


def draw(envelope, method=Method.RANKING, *, by=None, name="Un", **said):
    wanted = Wanted(
        envelope_id=envelope.pk,
        name=name,
        method=method,
        weights={"dwellings": 1, "own_share": 1},
        with_drafts=True,
        **said,
    )
    return commands.draw_up(wanted=wanted, by=by or treasurer(), at=NOW)


def granted(scenario):
    rows = scenario.shares.values_list("operation", "granted_cents")
    return {pk: cents for pk, cents in rows if cents}


def reserved(envelope):
    return Envelope.objects.get(pk=envelope.pk).reserved_cents


def adopt(scenario, *, seen=0, by=None):
    return commands.adopt(
        scenario_id=scenario.pk, seen=seen, by=by or treasurer(), at=NOW
    )


# Candidates


def test_those_who_ask_the_scheme_for_money_are_candidates(envelope):
    asks, draft = asking(submitted=True), asking()

    found = queries.candidates_of(envelope, with_drafts=False)
    everyone = queries.candidates_of(envelope, with_drafts=True)

    assert [one.operation_id for one in found] == [asks.pk]
    assert {one.operation_id for one in everyone} == {asks.pk, draft.pk}
    assert (found[0].cents, found[0].dwellings) == (COST // 2, 163)
    assert (found[0].own_share, found[0].territory) == (500, "Lens")


def test_other_schemes_and_other_places_are_no_candidates(envelope):
    asking()
    place = {"level": Level.DEPARTEMENT, "departement": "59"}
    nord = Envelope.objects.create(scheme="fnadt", year=2026, **place)
    detr = Envelope.objects.create(scheme="detr", year=2026)

    assert queries.candidates_of(nord, with_drafts=True) == []
    assert queries.candidates_of(detr, with_drafts=True) == []


def test_the_envelope_of_an_arrondissement_hears_its_own(envelope):
    operation = asking()
    place = {
        "level": Level.ARRONDISSEMENT,
        "departement": "62",
        "jurisdiction": operation.case.jurisdiction,
    }
    lens = Envelope.objects.create(scheme="fnadt", year=2026, **place)

    assert len(queries.candidates_of(lens, with_drafts=True)) == 1


def test_every_state_before_the_funding_is_ready_to_some_degree():
    end = {"rejected", "withdrawn", "abandoned", "lapsed", "suspended", "funded"}
    later = {"in_progress", "delivered", "closed"}

    assert set(queries.READY) == set(lifecycle.State) - end - later


# Drawn up


def test_a_scenario_reserves_nothing(envelope):
    asking()

    scenario = draw(envelope)

    assert granted(scenario)
    assert reserved(envelope) == 0
    assert scenario.room_cents == COST


@pytest.mark.parametrize("method", [Method.RANKING, Method.DWELLINGS, Method.SCORE])
def test_who_is_left_out_is_kept_with_the_reason(envelope, method):
    small = asking(part=2)
    large = asking(part=1, dwellings_before=10)

    scenario = draw(envelope, method)

    assert granted(scenario) == {small.pk: COST // 2}
    reason = scenario.shares.get(operation=large).reason
    assert reason.startswith("Dotation : il manque 4")


def test_by_hand_nobody_has_anything_yet(envelope):
    asking()

    assert granted(draw(envelope, Method.HAND)) == {}


def test_an_envelope_that_nobody_asks_makes_no_scenario(envelope):
    with pytest.raises(MoveRefused, match="Aucune opération ne demande"):
        draw(envelope)


@pytest.mark.parametrize("who", [secretary, owner])
def test_those_who_keep_credits_draw_scenarios_up(envelope, who):
    asking()

    with pytest.raises(MoveRefused, match="service financeur"):
        draw(envelope, by=who())

    assert not Scenario.objects.exists()


# Corrected by hand


def correct(scenario, amounts, reasons=None, seen=0):
    commands.set_amounts(
        scenario_id=scenario.pk,
        amounts=amounts,
        reasons=reasons or {},
        seen=seen,
        by=treasurer(),
        at=NOW,
    )


def test_an_amount_is_given_or_reduced_by_hand(envelope):
    operation = asking()
    scenario = draw(envelope, Method.HAND)
    share = scenario.shares.get()

    correct(scenario, {share.pk: COST // 2})
    assert scenario.shares.get().reason == ""
    correct(scenario, {share.pk: 1}, {share.pk: "Une première tranche."}, seen=1)

    assert granted(scenario) == {operation.pk: 1}
    assert scenario.shares.get().reason == "Une première tranche."


def test_no_more_is_given_than_is_asked_for(envelope):
    asking()
    scenario = draw(envelope, Method.HAND)
    share = scenario.shares.get()

    for cents in (COST // 2 + 1, -1):
        with pytest.raises(MoveRefused, match="au plus"):
            correct(scenario, {share.pk: cents})

    assert granted(scenario) == {}


def test_no_more_is_given_than_there_is(envelope):
    asking(part=2)
    asking(part=1, dwellings_before=10)
    scenario = draw(envelope)
    large = scenario.shares.get(granted_cents=0)

    with pytest.raises(MoveRefused, match="il n’y a que"):
        correct(scenario, {large.pk: COST // 2 + 1})
    correct(scenario, {large.pk: COST // 2})

    assert sum(granted(scenario).values()) == COST


def test_a_correction_of_what_has_changed_since_is_refused(envelope):
    asking()
    scenario = draw(envelope, Method.HAND)
    share = scenario.shares.get()
    correct(scenario, {share.pk: 5})

    with pytest.raises(MoveRefused, match="relisez"):
        correct(scenario, {share.pk: 6})


# Adopted


def test_an_adoption_reserves_all_at_once_and_says_so_in_the_register(envelope):
    first, second = asking(), asking()
    scenario = adopt(draw(envelope))

    assert reserved(envelope) == COST // 2 * 2
    assert scenario.state == State.ADOPTED
    held = Reservation.objects.live().filter(share__scenario=scenario)
    assert set(held.values_list("case", flat=True)) == {first.pk, second.pk}
    bodies = Entry.objects.filter(kind=EntryKind.CONFIGURED).values_list("body")
    assert any('"state":["draft","adopted"]' in body for (body,) in bodies)


def test_what_has_money_is_no_candidate_any_more(envelope):
    asking()
    other = draw(envelope, name="Deux")
    adopt(draw(envelope))

    assert queries.candidates_of(envelope, with_drafts=True) == []
    with pytest.raises(MoveRefused, match="ne demande plus"):
        adopt(other)
    assert reserved(envelope) == COST // 2


def test_an_envelope_that_was_used_meanwhile_refuses_all(envelope):
    asking()
    asking()
    scenario = draw(envelope)
    Envelope.objects.filter(pk=envelope.pk).update(awarded_cents=1000_00)

    with pytest.raises(MoveRefused, match="n’a que"):
        adopt(scenario)

    assert reserved(envelope) == 0
    assert not Reservation.objects.exists()
    assert Scenario.objects.get(pk=scenario.pk).state == State.DRAFT


def test_a_plan_that_asks_for_less_since_refuses_the_adoption(envelope):
    operation = asking()
    scenario = draw(envelope)
    operation.lines.filter(scheme="fnadt").update(amount_cents=COST // 2 - 1)

    with pytest.raises(MoveRefused, match="ne demande plus"):
        adopt(scenario)


def test_a_scenario_is_decided_once(envelope):
    asking()
    scenario = adopt(draw(envelope))

    for act in (commands.adopt, commands.drop):
        with pytest.raises(MoveRefused, match="adopté"):
            act(scenario_id=scenario.pk, seen=0, by=director(), at=NOW)

    assert reserved(envelope) == COST // 2


def test_a_scenario_that_gives_nothing_is_not_adopted(envelope):
    asking()

    with pytest.raises(MoveRefused, match="ne donne rien"):
        adopt(draw(envelope, Method.HAND))


def test_a_dropped_scenario_reserves_nothing(envelope):
    asking()
    scenario = draw(envelope)

    commands.drop(scenario_id=scenario.pk, seen=0, by=treasurer(), at=NOW)

    assert Scenario.objects.get().state == State.DROPPED
    assert reserved(envelope) == 0


def test_a_reservation_is_lifted_once(envelope):
    asking()
    share = adopt(draw(envelope)).shares.get()

    commands.release(item_id=share.pk, by=treasurer(), at=NOW)
    with pytest.raises(MoveRefused, match="Rien n’est réservé"):
        commands.release(item_id=share.pk, by=treasurer(), at=NOW)

    assert reserved(envelope) == 0
    assert len(queries.candidates_of(envelope, with_drafts=True)) == 1


# Pages


def page(client, by, name, *args, data=None):
    client.force_login(by)
    address = reverse(f"scenarios:{name}", args=args)
    return (
        client.post(address, data, follow=True)
        if data is not None
        else client.get(address)
    )


def plain(response):
    return text_of(response).replace("\u202f", " ").replace("\xa0", " ")


def typed(one, **said):
    usual = {"envelope": one.pk, "name": "Logements", "method": "dwellings"}
    usual |= {f"weight_{name}": 1 for name in Criterion}
    return usual | {"with_drafts": "on"} | said


def test_a_scenario_is_drawn_up_read_and_adopted_from_its_pages(client, envelope):
    small, large = asking(part=2), asking(part=1, dwellings_before=10)

    drawn = page(client, treasurer(), "new", data=typed(envelope))
    scenario = Scenario.objects.get()
    adopted = page(client, treasurer(), "adopt", scenario.pk, data={"seen": 0})

    assert small.case.reference in plain(drawn)
    assert large.case.reference in plain(drawn)
    assert "Dotation : il manque" in plain(drawn)
    assert "Optimum démontré" in plain(drawn)
    assert "Adopté par" in plain(adopted)
    assert reserved(envelope) == COST // 2
    assert "Logements" in plain(page(client, secretary(), "index"))


def test_two_scenarios_are_compared(client, envelope):
    small, large = asking(part=2), asking(part=1, dwellings_before=10)
    left = draw(envelope, name="Au classement")
    right = draw(envelope, Method.HAND, name="À la main")

    response = page(client, secretary(), "compare", left.pk, right.pk)

    assert [d.operation for d in response.context["differences"]] == [small]
    assert "Non retenue à la main." in plain(response)
    assert "Au classement" in plain(response)
    assert large.case.reference not in plain(response)


def test_amounts_are_corrected_from_the_page(client, envelope):
    operation = asking()
    scenario = draw(envelope, Method.HAND)
    share = scenario.shares.get()
    said = {"seen": 0, f"cents-{share.pk}": "1 000", f"reason-{share.pk}": "Tranche."}

    page(client, treasurer(), "edit", scenario.pk, data=said)

    assert granted(scenario) == {operation.pk: 1_000_00}


@pytest.mark.parametrize("cents", ["", "-1", "douze", "999 999 999"])
def test_an_amount_that_does_not_hold_is_said_beside_it(client, envelope, cents):
    asking()
    scenario = draw(envelope, Method.HAND)
    share = scenario.shares.get()
    said = {"seen": 0, f"cents-{share.pk}": cents, f"reason-{share.pk}": ""}

    response = page(client, treasurer(), "edit", scenario.pk, data=said)

    assert response.status_code == 422
    assert f"cents-{share.pk}" in response.context["form"].errors


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"envelope": 0}, "envelope"),
        ({"name": ""}, "name"),
        ({"method": "lottery"}, "method"),
        ({"cap_percent": 0}, "cap_percent"),
        ({"cap_percent": 101}, "cap_percent"),
        ({"weight_dwellings": 11}, "weight_dwellings"),
        ({"weight_dwellings": -1}, "weight_dwellings"),
        ({"themes": "lottery"}, "themes"),
    ],
)
def test_a_scenario_that_makes_no_sense_is_refused(client, envelope, said, field):
    asking()

    response = page(client, treasurer(), "new", data=typed(envelope, **said))

    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not Scenario.objects.exists()


def test_a_refused_adoption_says_why_on_the_page(client, envelope):
    asking()
    scenario = draw(envelope, Method.HAND)

    response = page(client, treasurer(), "adopt", scenario.pk, data={"seen": 0})

    assert response.status_code == 422
    assert "ne donne rien" in plain(response)


@pytest.mark.parametrize("name", ["index", "scenario"])
def test_those_who_ask_for_money_see_no_scenario(client, envelope, name):
    asking()
    scenario = draw(envelope)

    args = [scenario.pk] if name == "scenario" else []
    assert page(client, owner(), name, *args).status_code == 404


@pytest.mark.parametrize("name", ["adopt", "drop", "edit"])
def test_those_who_read_scenarios_decide_nothing(client, envelope, name):
    asking()
    scenario = draw(envelope)

    response = page(client, secretary(), name, scenario.pk, data={"seen": 0})

    assert response.status_code == 404
    assert Scenario.objects.get().state == State.DRAFT
