"""Several decisions made together are those that would be made one by one."""

import datetime
import json
import uuid

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.library import lifecycle
from tests.library.factories import NOW, PROCESS, UNTIL, attempt, fire, unit
from tests.library.models import Loan
from workflow import engine
from workflow.models import Case, Event, Journey, Message, Signature, Task
from workflow.trail import verify

pytestmark = pytest.mark.django_db

LATER = NOW + datetime.timedelta(hours=3)
REASON = {"reason": "Pour une raison."}
SIGNED = {"confirmed_at": LATER}
# where the loans are walked to, the move, who makes it, what she says
DECISIONS = [
    ("asked", "lend", "librarian", UNTIL),
    ("asked", "refuse", "librarian", REASON),
    ("asked", "send_back", "librarian", REASON),
    ("asked", "give", "director", SIGNED),
    ("asked", "freeze", "librarian", REASON),
    ("lent", "renew", "librarian", {}),
    ("lent", "return", "reader", {}),
    ("frozen", "thaw", "librarian", {}),
]


def attempts(loans, move, by, said):
    move = PROCESS.move(move)
    return {loan.pk: attempt(loan, move, by=by, at=LATER, **said) for loan in loans}


def fire_all(made, by):
    with transaction.atomic():
        return engine.fire_all(PROCESS, made, by=by, at=LATER)


def rows(model, case):
    """Return the rows of a case, without what differs from one case to another."""
    key = "pk" if model in {Case, Loan} else "case"
    left_out = {"id", "case", "process", "event", "hash", "previous_hash", "body"}
    left_out |= {"key", "request_key", "reference", "latest_hash"}
    names = [f.attname for f in model._meta.concrete_fields if f.name not in left_out]
    names = [name for name in names if not name.endswith("_by_id")]
    found = model.objects.filter(**{key: case}).values(*names)
    return sorted(found, key=str)


def told(case):
    """Return the events of a case as their bodies tell them."""
    bodies = []
    for event in Event.objects.filter(case=case).order_by("seq"):
        body = json.loads(event.body)
        bodies.append({k: v for k, v in body.items() if k not in APART})
    return bodies


APART = {"case", "request", "texts"}


@pytest.mark.parametrize(("state", "move", "role", "said"), DECISIONS)
def test_they_write_what_each_would_write(town, told_of, state, move, role, said):
    # A loan is lent once the advisers have spoken: here, without any.
    waits = state != "asked" or move == "lend"
    advisers = [] if waits else [unit("school")]
    alone, *others = [town.loan_at(state, advisers=advisers) for _ in range(4)]
    by = town.role(role)
    fire(alone, PROCESS.move(move), by=by, at=LATER, **said)

    outcomes = fire_all(attempts(others, move, by, said), by)

    for loan in others:
        assert isinstance(outcomes[loan.pk], engine.Receipt)
        for model in (Case, Loan, Task, Journey, Signature, Event):
            assert rows(model, loan.pk) == rows(model, alone.pk), model
        assert told(loan.pk) == told(alone.pk)
        messages = Message.objects.filter(event__case=loan.pk)
        assert messages.count() == Message.objects.filter(event__case=alone.pk).count()
        assert verify.problems_of(Case.objects.get(pk=loan.pk)) == []


@pytest.fixture
def told_of(listen):
    def hear(event, *, key, at):
        raise AssertionError

    listen(hear)


def test_each_is_refused_as_it_would_be_alone(town):
    good, wrong, late, again = [
        town.loan_at("asked"),
        town.loan_at("lent"),
        town.loan_at("asked"),
        town.loan_at("asked"),
    ]
    by = town.librarian
    made = attempts([good, wrong, late, again], "lend", by, UNTIL)
    fire(late, lifecycle.REFUSE, by=by, **REASON)
    with transaction.atomic():
        receipt = engine.fire(PROCESS, again.pk, made[again.pk])

    outcomes = fire_all(made, by)

    assert outcomes[good.pk].state == "lent"
    assert outcomes[again.pk] == receipt
    assert isinstance(outcomes[late.pk], engine.StaleCase)
    with pytest.raises(engine.MoveRefused) as refused, transaction.atomic():
        engine.fire(PROCESS, wrong.pk, made[wrong.pk])
    assert outcomes[wrong.pk].refusals == refused.value.refusals
    assert Case.objects.get(pk=wrong.pk).version == wrong.case.version


def test_what_the_procedure_has_not_is_left_out(town):
    loan = town.loan_at("asked")
    made = attempts([loan], "lend", town.librarian, UNTIL)

    assert fire_all({10**9: made[loan.pk]}, town.librarian) == {}


def test_many_cost_hardly_more_statements_than_one(town):
    def statements(count):
        loans = [town.loan_at("asked") for _ in range(count)]
        made = attempts(loans, "send_back", town.librarian, REASON)
        with CaptureQueriesContext(connection) as captured:
            fire_all(made, town.librarian)
        assert Case.objects.filter(pk__in=made, state="wished").count() == count
        return len(captured)

    assert statements(20) == statements(2)


def test_a_key_used_for_another_case_breaks_all(town):
    loans = [town.loan_at("asked") for _ in range(2)]
    made = attempts(loans, "lend", town.librarian, UNTIL)
    key = uuid.uuid4()
    made = {
        pk: attempt(loan, lifecycle.LEND, by=town.librarian, at=LATER, key=key, **UNTIL)
        for pk, loan in zip(made, loans, strict=True)
    }

    with pytest.raises(engine.KeyReused):
        fire_all(made, town.librarian)

    assert not Case.objects.filter(pk__in=made, state="lent").exists()
