"""Whatever runs at once, an envelope is not overdrawn and a number serves once.

A hundred grants race in `make test`; `AWARDS=1000` for more.
"""

import functools
import os
from io import StringIO

import pytest
from django.core.management import call_command

from erbm.grants.models import Commitment, Grant, Payment, PaymentKind
from erbm.operations.models import Operation
from erbm.programme.models import Envelope
from flows.grant.states import State
from flows.payment.lifecycle import State as PaymentState
from flows.roles import Role
from tests.grants import factories
from tests.grants.factories import AMOUNT, DAY, again, fire, grant_at, person
from tests.workflow.databases import race
from workflow.answers import MoveRefused

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.slow,  # the tables are emptied, then filled again
    pytest.mark.django_db(transaction=True),
]
AWARDS = int(os.environ.get("AWARDS", "100"))
AT_ONCE = 50
SMALL = 1_000_00


@pytest.fixture
def operation():
    call_command("load_reference", stdout=StringIO())
    return factories.operation()


def at_once(acts):
    """Race as many as the database has connections for, wave after wave."""
    acts, outcomes = list(acts), []
    for start in range(0, len(acts), AT_ONCE):
        outcomes += race(acts[start : start + AT_ONCE])
    return outcomes


def refused(outcomes):
    """Return what was refused; nothing else may have gone wrong."""
    errors = [one for one in outcomes if isinstance(one, Exception)]
    assert [one for one in errors if not isinstance(one, MoveRefused)] == []
    return errors


def test_racing_awards_never_overdraw_an_envelope(operation):
    """Ten times as many grants are programmed, then awarded, as there is money for."""
    one = factories.envelope()
    wanted = [factories.line(operation, cents=SMALL) for _ in range(AWARDS)]
    at = operation.case.changed_at + DAY
    grants = factories.opened(operation, at=at, lines=[line.pk for line in wanted])
    for grant in grants:
        factories.APPLIED[0](again(grant))
    granted = AWARDS // 10 * SMALL
    Envelope.objects.filter(pk=one.pk).update(granted_cents=granted)
    funder = person(grants[0], Role.FUNDER)

    outcomes = at_once(
        functools.partial(fire, again(g), "program", by=funder, programmed_cents=SMALL)
        for g in grants
    )

    one.refresh_from_db()
    assert len(refused(outcomes)) == AWARDS - AWARDS // 10
    assert one.reserved_cents == granted

    programmed = Grant.objects.filter(case__state=State.PROGRAMMED).with_facts()
    for grant in programmed:
        factories.prepare_act(grant, award_cents=SMALL, basis_cents=4 * SMALL)
    authority = person(grants[0], Role.AUTHORITY)
    outcomes = at_once(
        functools.partial(
            fire,
            again(grant),
            "award",
            by=authority,
            act_reference=f"ARR {grant.pk}",
            signed_on=factories.today(again(grant)),
        )
        for grant in programmed
    )

    one.refresh_from_db()
    assert refused(outcomes) == []
    assert (one.reserved_cents, one.awarded_cents) == (0, granted)
    assert one.free_cents == 0


def test_two_who_come_together_with_one_number_do_not_both_have_it(operation):
    grants = [grant_at(State.NOTIFIED, operation) for _ in range(8)]
    acts = [
        functools.partial(
            fire,
            grant,
            "record_commitment",
            by=person(grant, Role.FUNDER),
            ej_number="2100000001",
        )
        for grant in grants
    ]

    told = refused(race(acts))

    assert len(told) == len(grants) - 1
    assert all("EJ déjà utilisé" in str(one) for one in told)
    assert Commitment.objects.get().number == "2100000001"
    assert Grant.objects.filter(case__state=State.COMMITTED).count() == 1


def test_payments_that_are_paid_together_stay_within_the_award(operation):
    """Each is within the ceiling when it is certified; together they are not."""
    grant = grant_at(State.IN_PROGRESS, operation)
    ceiling = AMOUNT * 80 // 100
    drafts = [
        factories.justified(
            factories.prepared(
                grant, PaymentKind.INSTALMENT, ceiling, spent=10 * AMOUNT
            )
        )
        for _ in range(6)
    ]
    acts = [
        functools.partial(fire, one, "request", by=person(one, Role.OWNER))
        for one in drafts
    ]

    told = refused(race(acts))

    assert len(told) == len(drafts) - 1
    running = Payment.objects.filter(case__state=PaymentState.REQUESTED)
    assert running.get().amount_cents == ceiling


def test_the_grants_of_an_operation_are_opened_once(operation):
    def open_them():
        found = Operation.objects.with_facts().get(pk=operation.pk)
        return factories.opened(found, at=operation.case.changed_at + DAY)

    opened = race([open_them] * 6)

    assert sorted(map(len, opened)) == [0, 0, 0, 0, 0, 1]
    assert operation.grants.count() == 1
