"""Who may do what in each state: all states, all roles, as declared and no more."""

import datetime

import pytest
from django.db import transaction

from erbm.operations import commands
from erbm.operations.models import Kind, RequestedDocument
from flows.operation import State
from flows.roles import Role
from tests.operations import factories
from tests.operations.factories import DAY, again, operation_at, person_of, unit
from workflow import engine
from workflow.refusals import Ground

pytestmark = [pytest.mark.django_db]

ELSEWHERE = "mission-audit"  # a unit that is party to no operation


def answer(operation):
    for request in RequestedDocument.objects.filter(operation=operation):
        factories.join(operation, answers=request.pk)


# What meets the requirements of the moves of a state, beyond the walk to it.
READY = {
    State.INCOMPLETE: [answer],
    State.UNDER_REVIEW: [
        factories.move("give_opinion", Role.CONSULTED, direction="favourable")
    ],
    State.FUNDING: [factories.notify],
    State.IN_PROGRESS: [factories.progress, factories.documents],
    State.DELIVERED: [factories.settle],
    State.REJECTED: [factories.join_act],
}


@pytest.fixture(scope="module")
def operations(reference, django_db_setup, django_db_blocker):
    """Walk one operation of each kind to each state, ready for all its moves."""
    held = transaction.atomic()
    held._from_testcase = True  # the commands then open what they believe to be theirs
    with django_db_blocker.unblock(), held:
        yield {
            (kind, state): ready(operation_at(state, kind))
            for kind in Kind
            for state in State
        }
        transaction.set_rollback(True)


def ready(operation):
    for prepare in READY.get(operation.case.state, []):
        prepare(operation)
        operation = again(operation)
    return operation


def late(operation):
    """Return a moment at which no delay runs any more."""
    day = operation.deadline_on or operation.case.changed_at.date()
    return datetime.datetime.combine(
        day + 90 * DAY, datetime.time(9), tzinfo=datetime.UTC
    )


def somebody(operation, role):
    """Return a newcomer who holds this role and no other."""
    party = operation.case.parties.filter(role=role).order_by("id").first()
    return person_of(party.unit if party else unit(ELSEWHERE), role, f"new-{role}")


def prospects(operation, role):
    return engine.prospects(
        operation.process,
        operation.pk,
        by=somebody(operation, role),
        at=late(operation),
    )


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", Kind)
def test_who_may_do_what_in_each_state_is_what_is_declared(operations, kind, state):
    operation = operations[kind, state]

    opened = {
        role: {p.move.name for p in prospects(operation, role) if p.is_open}
        for role in Role
    }

    assert opened == {
        role: {
            move.name
            for move in operation.process.moves_from(state)
            if role in move.by.may_sign_next(frozenset())
            and not move.strikes  # nobody has signed anything
            and not move.answers  # everybody has answered
        }
        for role in Role
    }


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", Kind)
def test_whoever_may_not_is_told_why(operations, kind, state):
    operation = operations[kind, state]

    for role in Role:
        for prospect in prospects(operation, role):
            grounds = {refusal.ground for refusal in prospect.refusals}
            wanted = set()
            if state not in prospect.move.source:
                wanted.add(Ground.STATE)
            if role not in prospect.move.by.roles:
                wanted.add(Ground.ROLE)
            if wanted:
                assert grounds == wanted
            assert all(refusal.message for refusal in prospect.refusals)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("kind", Kind)
def test_a_role_held_elsewhere_opens_nothing(operations, kind, state):
    operation = operations[kind, state]
    parties = set(operation.case.parties.values_list("role", flat=True))

    for role in parties:
        stranger = person_of(unit("anct"), role)
        found = engine.prospects(
            operation.process, operation.pk, by=stranger, at=late(operation)
        )
        assert not any(prospect.is_open for prospect in found)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("state", State)
def test_what_is_open_is_what_is_asked_and_what_is_asked_is_open(
    operations, kind, state
):
    """Every open task offers at least one move that its unit can make now."""
    operation = operations[kind, state]

    for task in operation.case.tasks.open():
        by = person_of(task.unit, task.role, f"new-{task.role}")
        opened = {
            p.move
            for p in engine.prospects(
                operation.process, operation.pk, by=by, at=late(operation)
            )
            if p.is_open
        }
        assert opened & set(task.flow_task.offers), task.step


# One requirement at a time


def lacking(operation, name, role):
    """Return why a move is not open to those who may make it."""
    [prospect] = [p for p in prospects(operation, role) if p.move.name == name]
    assert {r.ground for r in prospect.refusals} <= {Ground.REQUIREMENT}
    return [refusal.message for refusal in prospect.refusals]


def fired(operation, name, role, **said):
    return factories.fire(
        operation, name, by=somebody(operation, role), at=late(operation), **said
    )


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("cite", "la cité"),
        ("dwellings_before", "les logements avant travaux"),
        ("dwellings_after", "les logements après travaux"),
        ("label_before", "l’étiquette énergie avant travaux"),
        ("label_target", "l’étiquette énergie visée"),
        ("theme", "le thème"),
        ("description", "la description"),
    ],
)
def test_a_rehabilitation_is_described_before_it_is_submitted(reference, column, told):
    operation = operation_at(State.DRAFT)
    empty = None if operation._meta.get_field(column).null else ""
    type(operation).objects.filter(pk=operation.pk).update(**{column: empty})

    assert lacking(operation, "submit", Role.OWNER) == [f"À renseigner : {told}."]


def test_a_rehabilitation_lies_somewhere(reference):
    operation = operation_at(State.DRAFT)
    operation.communes.clear()

    assert lacking(operation, "submit", Role.OWNER) == ["À renseigner : la commune."]


@pytest.mark.parametrize("kind", Kind)
def test_documents_and_a_balanced_plan_are_wanted_at_once(reference, kind):
    operation = factories.opened(kind)

    told = lacking(operation, "submit", Role.OWNER)

    assert len(told) == 4
    assert "Plan de financement déséquilibré" in told[0]
    assert [reason for reason in told if "Pièce manquante" in reason] == told[1:]


@pytest.mark.parametrize("kind", Kind)
def test_a_plan_over_the_ceilings_is_not_submitted(reference, kind):
    operation = operation_at(State.DRAFT, kind)
    operation.lines.filter(scheme="own").update(scheme="dsil")
    operation.lines.filter(scheme="fnadt").update(scheme="detr")

    told = lacking(operation, "submit", Role.OWNER)

    assert "R. 2334-27" in told[0]
    assert len(told) == (2 if kind == Kind.SUBSIDY else 1)  # a landlord is no commune


@pytest.mark.parametrize("kind", Kind)
def test_each_requested_document_is_supplied(reference, kind):
    operation = operation_at(State.INCOMPLETE, kind)

    assert lacking(operation, "supply_documents", Role.OWNER) == [
        "Pièce demandée : Plan de masse.",
        "Pièce demandée : Avis des locataires.",
    ]


def test_a_plan_upset_meanwhile_is_not_sent_back(reference):
    operation = ready(operation_at(State.INCOMPLETE))
    operation.lines.filter(scheme="own").delete()

    [told] = lacking(operation, "supply_documents", Role.OWNER)

    assert "déséquilibré" in told


def test_a_rehabilitation_is_validated_on_an_approved_urban_study(reference):
    operation = operation_at(State.AWAITING_COPIL)
    type(operation).objects.update(urban_study_approved_on=None)

    assert lacking(operation, "validate", Role.COPIL_STATE) == [
        "L’étude urbaine préalable n’est pas validée."
    ]


@pytest.mark.parametrize("kind", Kind)
def test_every_grant_is_notified_before_the_funding_is_confirmed(reference, kind):
    operation = operation_at(State.FUNDING, kind)

    assert lacking(operation, "confirm_funding", Role.FUNDER) == [
        "Ligne à notifier : FNADT (SGAR)."
    ]


def test_a_rehabilitation_is_delivered_whole_and_with_its_label(reference):
    operation = operation_at(State.IN_PROGRESS)

    assert lacking(operation, "deliver", Role.OWNER) == [
        "Logements encore à livrer : 163.",
        "À renseigner : l’étiquette énergie après travaux.",
    ]


def test_a_subsidised_project_is_delivered_with_its_statement(reference):
    operation = operation_at(State.IN_PROGRESS, Kind.SUBSIDY)

    assert lacking(operation, "deliver", Role.OWNER) == [
        "Pièce manquante : Attestation d’achèvement."
    ]


@pytest.mark.parametrize("kind", Kind)
def test_every_grant_is_settled_before_the_closing(reference, kind):
    operation = operation_at(State.DELIVERED, kind)

    assert lacking(operation, "close", Role.LEAD_SERVICE) == [
        "Ligne à solder : FNADT (SGAR)."
    ]


# One rule on what is typed at a time


def refused(operation, name, role, field, **said):
    with pytest.raises(commands.MoveRefused) as caught:
        fired(operation, name, role, **said)
    [refusal] = caught.value.refusals
    assert refusal.field == field
    return refusal.message


@pytest.mark.parametrize(
    ("state", "name", "role"),
    [
        (State.PROPOSED, "declare_complete", Role.LEAD_SERVICE),
        (State.FUNDING, "confirm_funding", Role.FUNDER),
    ],
)
def test_a_waiver_is_joined_or_it_is_not_one(reference, state, name, role):
    operation = ready(operation_at(state))

    told = refused(operation, name, role, "early_start", early_start="waived")
    assert "dérogation" in told

    factories.join(operation, "waiver")
    assert fired(operation, name, role, early_start="waived")


STARTED = {
    Kind.REHABILITATION: "service_order_on",
    Kind.SUBSIDY: "started_on",
}


@pytest.mark.parametrize("kind", Kind)
def test_works_do_not_begin_before_they_may(reference, kind):
    operation = operation_at(State.FUNDED, kind)
    soonest = (
        operation.funded_on if kind == Kind.REHABILITATION else operation.received_on
    )
    said = {
        "permit": "PC 1",
        "tenants_consulted_on": soonest,
        "rehousing_plan": True,
        "first_legal_act": "Marché",
    }

    early = said | {STARTED[kind]: soonest - DAY}
    told = refused(operation, "start", Role.OWNER, STARTED[kind], **early)
    assert f"{soonest:%d/%m/%Y}" in told
    assert fired(operation, "start", Role.OWNER, **said | {STARTED[kind]: soonest})


@pytest.mark.parametrize("kind", Kind)
def test_a_waiver_lets_works_begin_early(reference, kind):
    operation = operation_at(State.FUNDING, kind)
    factories.join(operation, "waiver")
    factories.notify(operation)
    fired(operation, "confirm_funding", Role.FUNDER, early_start="waived")
    long_ago = operation.received_on - 100 * DAY

    assert fired(
        again(operation),
        "start",
        Role.OWNER,
        permit="PC 1",
        tenants_consulted_on=long_ago,
        rehousing_plan=True,
        service_order_on=long_ago,
        first_legal_act="Marché",
        started_on=long_ago,
    )


def test_more_dwellings_are_not_counted_than_there_are(reference):
    told = refused(
        operation_at(State.IN_PROGRESS),
        "record_progress",
        Role.OWNER,
        "dwellings_delivered",
        dwellings_delivered=160,
        dwellings_withdrawn=4,
    )

    assert "164" in told
    assert "163" in told


def test_no_more_than_everything_is_done(reference):
    assert refused(
        operation_at(State.IN_PROGRESS, Kind.SUBSIDY),
        "record_progress",
        Role.OWNER,
        "progress_percent",
        progress_percent=101,
        spent_cents=0,
    )
