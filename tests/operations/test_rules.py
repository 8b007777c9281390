"""Whose opinion an operation needs, by rules that are data."""

import pytest
from django.db import IntegrityError, transaction

from erbm.funding import commands as funding
from erbm.funding.models import Scheme
from erbm.operations.models import ConsultationRule, Described, Kind, Rulebook
from erbm.programme.models import Theme
from flows.operation import State
from flows.roles import Role
from tests.operations import factories
from tests.operations.factories import again, opened, operation_at, owner_of, unit
from workflow.models import Event

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def rule():
    """Return the only rule: an opinion of the ARS on whatever is subsidised."""
    ConsultationRule.objects.all().delete()
    return ConsultationRule(kind=Kind.SUBSIDY, unit=unit("ars"))


def consulted(**facts):
    facts = {"kind": Kind.SUBSIDY, "owner": owner_of(Kind.SUBSIDY)} | facts
    return [one.code for one in Rulebook.load().units_for(Described(**facts))]


def theme(code):
    return Theme.objects.get(code=code)


def test_a_rule_without_conditions_always_applies(rule):
    rule.save()

    assert consulted() == ["ars"]
    assert consulted(kind=Kind.REHABILITATION) == []


def test_a_rule_may_ask_for_a_theme(rule):
    rule.theme = theme("health")
    rule.save()

    assert consulted(theme_id=theme("health").pk) == ["ars"]
    assert consulted(theme_id=theme("sport").pk) == []
    assert consulted() == []


@pytest.mark.parametrize(("cents", "found"), [(99, []), (100, ["ars"]), (101, ["ars"])])
def test_a_rule_may_start_from_a_cost(rule, cents, found):
    rule.least_cents = 100
    rule.save()

    assert consulted(cost_cents=cents) == found


def test_a_rule_may_ask_for_a_scheme_of_the_plan(rule):
    rule.scheme = Scheme.REGION
    rule.save()

    assert consulted(schemes=frozenset({Scheme.REGION, Scheme.OWN})) == ["ars"]
    assert consulted(schemes=frozenset({Scheme.OWN})) == []


def test_a_rule_may_ask_for_a_funder_of_the_plan(rule):
    rule.funder = unit("agence-eau")
    rule.save()

    assert consulted(funders=frozenset({rule.funder_id})) == ["ars"]
    assert consulted(funders=frozenset({unit("sgar").pk})) == []


def test_all_the_conditions_of_a_rule_must_be_true(rule):
    rule.theme, rule.least_cents, rule.protected_only = theme("health"), 100, True
    rule.save()
    met = {"theme_id": rule.theme_id, "cost_cents": 100, "is_protected": True}

    assert consulted(**met) == ["ars"]
    for name in met:
        assert consulted(**{key: v for key, v in met.items() if key != name}) == []


def test_a_unit_that_several_rules_name_is_asked_once_with_the_longest_delay(rule):
    rule.months = 1
    rule.save()
    ConsultationRule.objects.create(
        kind=Kind.SUBSIDY, unit=rule.unit, months=3, theme=theme("health")
    )
    described = Described(
        kind=Kind.SUBSIDY, owner=owner_of(Kind.SUBSIDY), theme_id=theme("health").pk
    )

    book = Rulebook.load()

    assert [one.code for one in book.units_for(described)] == ["ars"]
    assert book.terms_for(described)[rule.unit_id].due.count == 3


def test_the_same_rule_is_not_written_twice(rule):
    rule.save()
    rule.pk = None

    with pytest.raises(IntegrityError), transaction.atomic():
        rule.save(force_insert=True)


@pytest.mark.parametrize("cents", [0, -1])
def test_a_threshold_of_nothing_is_refused(rule, cents):
    rule.least_cents = cents

    with pytest.raises(IntegrityError), transaction.atomic():
        rule.save()


@pytest.mark.parametrize(
    ("code", "service"),
    [
        ("health", "ars"),
        ("education-training", "rectorat"),
        ("economy-employment", "dreets"),
        ("ecological-transition", "dreal"),
    ],
)
def test_the_theme_of_a_project_brings_its_service_in(code, service):
    operation = opened(Kind.SUBSIDY, theme=theme(code))

    assert service in units(operation)


def units(operation):
    consulted = operation.case.parties.filter(role=Role.CONSULTED)
    return set(consulted.values_list("unit__code", flat=True))


def planned(operation, *lines):
    funding.set_plan(
        operation_id=operation.pk,
        process=operation.process,
        lines=[funding.Planned(scheme, 100_00, payer) for scheme, payer in lines],
        seen=again(operation).case.version,
        **factories._edited(operation, Role.OWNER),
    )


@pytest.mark.parametrize("kind", Kind)
def test_an_operator_that_pays_is_heard_and_no_more_once_it_does_not(kind):
    operation = opened(kind)
    before = units(operation)

    planned(operation, (Scheme.OPERATOR, unit("ademe")))
    assert units(operation) == before | {"ademe"}
    told = Event.objects.filter(case=operation.case).latest("seq")
    assert '"consulted_added":["ademe"]' in told.body

    planned(again(operation), (Scheme.OWN, None))
    assert units(operation) == before
    told = Event.objects.filter(case=operation.case).latest("seq")
    assert '"consulted_dropped":["ademe"]' in told.body


def test_once_opinions_are_asked_the_plan_changes_nobody():
    operation = operation_at(State.UNDER_REVIEW)
    before = units(operation)
    lead = factories.person(operation, Role.LEAD_SERVICE)
    half = operation.cost_cents // 2

    funding.set_plan(
        operation_id=operation.pk,
        process=operation.process,
        lines=[
            funding.Planned(Scheme.OPERATOR, half, unit("ademe")),
            funding.Planned(Scheme.OWN, operation.cost_cents - half),
        ],
        edit=factories.edits.CORRECT_PLAN,
        seen=operation.case.version,
        **factories._edited(operation, Role.LEAD_SERVICE) | {"by": lead},
    )

    assert units(operation) == before
