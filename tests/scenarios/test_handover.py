"""What an adopted scenario sets aside becomes what grants reserve, cent for cent.

Twenty grants race in `make test`; `RESERVATIONS=1000` for more.
"""

import functools
import os
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from erbm.cases.commands import MoveRefused
from erbm.grants import commands as granting
from erbm.grants.models import Grant
from erbm.programme.models import Envelope, Reservation
from erbm.scenarios import commands, queries
from erbm.scenarios.commands import Wanted
from erbm.scenarios.models import Method, Scenario, Share
from flows.grant.states import State
from flows.roles import Role
from tests.grants import factories
from tests.grants.factories import AMOUNT, DAY, WHY, again, fire, person
from tests.programme.people import treasurer
from tests.workflow.databases import race

pytestmark = pytest.mark.django_db

RESERVATIONS = int(os.environ.get("RESERVATIONS", "20"))
AT_ONCE = 50
SMALL = 1_000_00


def adopted(operation, envelope, cents, *, at=None):
    """Adopt a scenario that gives an operation some cents; return its share."""
    at = at or operation.case.changed_at + DAY
    wanted = Wanted(envelope.pk, "À la main", Method.HAND)
    scenario = commands.draw_up(wanted=wanted, by=treasurer(), at=at)
    share = scenario.shares.get(operation=operation.pk)
    commands.set_amounts(
        scenario_id=scenario.pk,
        amounts={share.pk: cents},
        reasons={},
        seen=0,
        by=treasurer(),
        at=at,
    )
    commands.adopt(scenario_id=scenario.pk, seen=1, by=treasurer(), at=at)
    return Share.objects.select_related("scenario").get(pk=share.pk)


def complete(grant):
    factories.APPLIED[0](grant)
    return again(grant)


def program(grant, cents=AMOUNT):
    fire(grant, "program", by=person(grant, Role.FUNDER), programmed_cents=cents)
    return again(grant)


def release(share):
    commands.release(item_id=share.pk, by=treasurer(), at=share.scenario.decided_at)


def reserved(envelope):
    """Return what an envelope reserves, and how much of it waits for a grant."""
    found = Envelope.objects.get(pk=envelope.pk).reserved_cents
    waiting = sum(
        Reservation.objects.filter(envelope=envelope).values_list("cents", flat=True)
    )
    programmed = Grant.objects.filter(
        envelope=envelope, case__state=State.PROGRAMMED
    ).values_list("programmed_cents", flat=True)
    assert found == waiting + sum(programmed)
    return found, waiting


@pytest.fixture
def envelope(reference):
    return factories.envelope(cents=3 * AMOUNT)


@pytest.fixture
def grant(envelope):
    return complete(factories.requested(factories.operation()))


def test_a_programmed_grant_takes_over_what_the_scenario_reserved(grant, envelope):
    adopted(grant.operation, envelope, AMOUNT)
    assert reserved(envelope) == (AMOUNT, AMOUNT)

    program(grant)

    assert reserved(envelope) == (AMOUNT, 0)
    assert queries.candidates_of(envelope, with_drafts=True) == []


def test_a_grant_that_is_programmed_asks_no_scenario_for_money(grant, envelope):
    assert [one.cents for one in queries.candidates_of(envelope, with_drafts=True)] == [
        AMOUNT
    ]

    program(grant)

    assert queries.candidates_of(envelope, with_drafts=True) == []


def test_what_a_grant_does_not_take_is_set_free(grant, envelope):
    adopted(grant.operation, envelope, AMOUNT)

    program(grant, AMOUNT // 4)

    assert reserved(envelope) == (AMOUNT // 4, 0)


def test_what_a_grant_takes_beyond_must_be_free(grant, envelope):
    adopted(grant.operation, envelope, AMOUNT // 2)
    granted = Envelope.objects.filter(pk=envelope.pk)
    granted.update(granted_cents=AMOUNT - 1)

    with pytest.raises(MoveRefused, match="libres"):
        program(grant)
    assert reserved(envelope) == (AMOUNT // 2, AMOUNT // 2)
    granted.update(granted_cents=AMOUNT)
    program(grant)

    assert reserved(envelope) == (AMOUNT, 0)


def test_two_grants_of_an_operation_share_what_was_reserved_for_both(grant, envelope):
    other = complete(factories.requested(grant.operation))
    adopted(grant.operation, envelope, AMOUNT + AMOUNT // 2)

    program(grant)
    assert reserved(envelope) == (AMOUNT + AMOUNT // 2, AMOUNT // 2)
    program(other, AMOUNT // 4)

    assert reserved(envelope) == (AMOUNT + AMOUNT // 4, 0)


def test_a_grant_draws_on_the_envelope_of_the_scenario(grant, envelope):
    elsewhere = factories.envelope(year=2027)
    adopted(grant.operation, elsewhere, AMOUNT)

    with pytest.raises(MoveRefused, match="se lève d’abord"):
        granting.choose_envelope(
            grant_id=grant.pk,
            envelope=envelope,
            seen=grant.case.version,
            key=factories.uuid.uuid4(),
            by=person(grant, Role.FUNDER),
            at=grant.case.changed_at,
        )
    programmed = program(grant)

    assert programmed.envelope == elsewhere
    assert (reserved(envelope), reserved(elsewhere)) == ((0, 0), (AMOUNT, 0))


def test_a_grant_that_opens_later_is_given_the_envelope_of_the_scenario(envelope):
    operation, elsewhere = factories.operation(), factories.envelope(year=2027)
    line = factories.line(operation)
    adopted(operation, elsewhere, AMOUNT)
    assert queries.candidates_of(envelope, with_drafts=True) == []

    at = operation.case.changed_at + DAY
    [opened] = factories.opened(operation, at=at, lines=[line.pk])

    assert opened.envelope == elsewhere
    assert reserved(elsewhere) == (AMOUNT, AMOUNT)


@pytest.mark.parametrize("step", [complete, program])
def test_a_grant_that_is_withdrawn_gives_the_share_back_once(grant, envelope, step):
    share = adopted(grant.operation, envelope, AMOUNT)
    if step is program:
        program(grant)

    fire(again(grant), "withdraw", by=person(grant, Role.OWNER), **WHY)

    assert reserved(envelope) == (0, 0)
    with pytest.raises(MoveRefused, match="Rien n’est réservé"):
        release(share)
    assert reserved(envelope) == (0, 0)
    assert len(queries.candidates_of(envelope, with_drafts=True)) == 1


def test_a_share_that_is_lifted_is_reserved_anew_by_its_grant(grant, envelope):
    release(adopted(grant.operation, envelope, AMOUNT))
    assert reserved(envelope) == (0, 0)

    program(grant)

    assert reserved(envelope) == (AMOUNT, 0)


def test_the_pages_say_where_the_money_waits_and_who_took_it(client, grant, envelope):
    share = adopted(grant.operation, envelope, AMOUNT)
    client.force_login(treasurer())
    page = reverse("scenarios:scenario", args=[share.scenario_id])
    lift = reverse("scenarios:release", args=[share.scenario_id, share.pk])
    assert lift in client.get(page).text
    client.force_login(person(grant, Role.FUNDER))
    assert "un scénario adopté y réserve" in client.get(_address(grant)).text

    program(grant)

    assert "un scénario adopté" not in client.get(_address(grant)).text
    client.force_login(treasurer())
    after = client.get(page).text
    assert lift not in after
    assert f'reprise par <a href="{_address(grant)}"' in after


def _address(grant):
    return reverse("grants:detail", args=[grant.pk])


@pytest.mark.postgres
@pytest.mark.slow  # the tables are emptied, then filled again
@pytest.mark.django_db(transaction=True)
def test_grants_that_race_for_a_reservation_count_each_cent_once():
    """Half is reserved by a scenario, a quarter is free: three quarters are served."""
    call_command("load_reference", stdout=StringIO())
    operation, envelope = factories.operation(), factories.envelope()
    wanted = [factories.line(operation, cents=SMALL) for _ in range(RESERVATIONS)]
    at = operation.case.changed_at + DAY
    grants = factories.opened(operation, at=at, lines=[one.pk for one in wanted])
    for grant in grants:
        factories.APPLIED[0](again(grant))
    served = RESERVATIONS // 2 + RESERVATIONS // 4
    Envelope.objects.filter(pk=envelope.pk).update(granted_cents=served * SMALL)
    share = adopted(operation, envelope, RESERVATIONS // 2 * SMALL, at=at + 9 * DAY)
    funder, owner = (person(grants[0], role) for role in (Role.FUNDER, Role.OWNER))

    outcomes = _at_once(
        functools.partial(
            fire, again(one), "program", by=funder, programmed_cents=SMALL
        )
        for one in grants
    )

    assert len(_refused(outcomes)) == RESERVATIONS - served
    assert reserved(envelope) == (served * SMALL, 0)
    programmed = Grant.objects.filter(case__state=State.PROGRAMMED)
    outcomes = _at_once(
        [
            *(
                functools.partial(fire, again(one), "withdraw", by=owner, **WHY)
                for one in programmed
            ),
            *[functools.partial(release, share)] * 3,
        ]
    )
    assert len(_refused(outcomes)) == 3
    assert reserved(envelope) == (0, 0)


@pytest.mark.postgres
@pytest.mark.slow  # the tables are emptied, then filled again
@pytest.mark.django_db(transaction=True)
def test_a_share_is_lifted_or_taken_over_and_adopted_once():
    call_command("load_reference", stdout=StringIO())
    envelope = factories.envelope(cents=AMOUNT)
    grant = complete(factories.requested(factories.operation()))
    share = adopted(grant.operation, envelope, AMOUNT)
    funder = person(grant, Role.FUNDER)
    take = functools.partial(fire, grant, "program", by=funder, programmed_cents=AMOUNT)

    outcomes = _at_once([take, *[functools.partial(release, share)] * 5])

    assert len(_refused(outcomes)) in {4, 5}  # the share is lifted, then taken anew
    assert reserved(envelope) == (AMOUNT, 0)
    assert Scenario.objects.get().state == "adopted"


def _at_once(acts):
    acts, outcomes = list(acts), []
    for start in range(0, len(acts), AT_ONCE):
        outcomes += race(acts[start : start + AT_ONCE])
    return outcomes


def _refused(outcomes):
    """Return what was refused; nothing else may have gone wrong."""
    errors = [one for one in outcomes if isinstance(one, Exception)]
    assert [one for one in errors if not isinstance(one, MoveRefused)] == []
    return errors
