"""Whatever lawful moves are made, somebody is asked and the trail holds."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erbm.operations import commands
from erbm.operations.models import Kind
from flows.operation import FINAL, State
from tests.flows.acting import act
from tests.operations import factories
from tests.operations.factories import DAY, again, operation_at, people
from workflow.journeys import flow_of
from workflow.models import Case, Journey, Signature
from workflow.process import InputKind
from workflow.refusals import Ground
from workflow.trail import verify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

# Lawful moves may still be refused for what they require or what is typed in them.
UNDERSTOOD = {Ground.REQUIREMENT, Ground.INPUT}


def answer(operation):
    for request in operation.requested_documents.filter(document=None):
        factories.join(operation, answers=request.pk)


# A consultation ends unit by unit; all the others are open when they are wanted.
MAY_HAVE_ANSWERED = {"opine", "settlement"}

# What people do to a file between two moves, so that the next ones are possible.
WORK = {
    State.DRAFT: [factories.plan, factories.documents],
    State.INCOMPLETE: [answer],
    State.AWAITING_COPIL: [factories.approve_urban_study],
    State.FUNDING: [factories.notify],
    State.IN_PROGRESS: [factories.documents],
    State.DELIVERED: [factories.settle],
}


def pending(case):
    """Return the roles that have signed, for each move that awaits signatures."""
    found = {}
    awaiting = Signature.objects.filter(case=case, struck_by=None, took_effect_by=None)
    for signature in awaiting:
        found.setdefault(signature.move, set()).add(signature.role)
    return {move: frozenset(roles) for move, roles in found.items()}


def lawful(operation):
    """Return each move of the state, with each role whose turn it is."""
    signed = pending(operation.case)
    return [
        (move, role)
        for move in operation.process.moves_from(operation.case.state)
        for role in move.by.may_sign_next(signed.get(move.name, frozenset()))
        if not move.strikes or signed.get(move.strikes)
    ]


def typed(data, wanted, operation, at):
    """Draw what is typed into one field: plausible, though not always accepted."""
    if wanted.name == "until":
        later = DAY * data.draw(st.integers(1, 400), label="later")
        return (operation.deadline_on or at.date()) + later
    if wanted.kind is InputKind.CHOICE:
        return data.draw(st.sampled_from([value for value, _ in wanted.choices]))
    if wanted.kind is InputKind.COUNT:
        return data.draw(st.sampled_from([0, 40, 163]), label=wanted.name)
    return {InputKind.DAY: at.date(), InputKind.CENTS: 1_000_00}.get(wanted.kind, "oui")


def step(data, operation):
    for work in WORK.get(operation.case.state, []):
        if data.draw(st.booleans(), label=work.__name__):
            work(again(operation))
    operation = again(operation)
    move, role = data.draw(st.sampled_from(lawful(operation)), label="move")
    at = operation.case.changed_at + DAY * data.draw(st.sampled_from([1, 40, 800]))
    said = {i.name: typed(data, i, operation, at) for i in move.inputs}
    by = data.draw(st.sampled_from(people(operation, role)))
    try:
        return act(operation, move.name, role, by=by, at=at, reason="Motif.", **said)
    except commands.MoveRefused as refused:
        assert {refusal.ground for refusal in refused.refusals} <= UNDERSTOOD
        return again(operation)


def check(operation):
    case = operation.case
    waiting = set(case.tasks.open().values_list("step", flat=True))
    wanted = {
        step.name
        for step in flow_of(case.process, case.process_version).wanted(
            case.state, pending(case)
        )
    }
    assert waiting | MAY_HAVE_ANSWERED == wanted | MAY_HAVE_ANSWERED
    assert bool(waiting) == (case.state not in FINAL)
    assert case.awaits_signatures == bool(pending(case))
    over = Journey.objects.get(case=case).finished is not None
    assert over == (case.state in FINAL)
    if case.state in FINAL:
        assert not case.tasks.unfinished().exists()


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(Kind),
    # Where nothing is over yet: most random lives would otherwise end young.
    start=st.sampled_from([state for state in State if state not in FINAL]),
    data=st.data(),
)
def test_no_lawful_move_leaves_an_operation_to_nobody(kind, start, data):
    operation = operation_at(start, kind)

    for _ in range(data.draw(st.integers(1, 10), label="moves")):
        if not lawful(operation):
            break
        operation = step(data, operation)
        check(operation)

    assert verify.problems_of(Case.objects.get(pk=operation.pk)) == []
