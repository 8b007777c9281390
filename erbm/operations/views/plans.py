"""The financing plan of an operation: drawn up by its owner, notified, settled."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from erbm.cases.views.acts import Act, is_sent
from erbm.funding import ceilings
from erbm.funding import commands as funding
from erbm.funding.forms import (
    NotificationForm,
    PlanForm,
    SettlementForm,
    with_more_lines,
)
from erbm.funding.models import Line
from erbm.funding.queries import Plan
from erbm.operations import queries
from erbm.operations.models import Operation
from erbm.operations.views.visits import OperationVisit, visit
from erbm.programme.rules import rules
from erbm.words import money
from flows.edits import RECORD_NOTIFICATION, RECORD_SETTLEMENT
from workflow.engine import Receipt


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw a plan up: save it, or only add it up, or ask for more lines."""
    visited = visit(request, pk)
    intent = request.POST.get("intent", "") if is_sent(request) else ""
    typed = with_more_lines(request.POST) if intent == "more" else request.POST
    form = PlanForm(
        typed if is_sent(request) else None,
        typed=typed if request.method == "POST" else None,
        plan=visited.sheet.plan.lines,
        initial=visited.initial(),
    )
    drawn, drawing = _drawn_up(visited.operation, form), visited.sheet.plan_edit
    act = Act(
        visited,
        form,
        title=drawing.label,
        button="Enregistrer le plan",
        closed=() if is_sent(request) else visited.sheet.refusals_of(drawing),
        template="operations/plan.html",
        context={
            "plan": drawn,
            "excesses": visited.operation.excessive_aid(drawn.lines),
            **_ruled(visited.operation, drawn),
        },
    )
    if intent in {"more", "sum"} and not form.is_forged:
        return act.page()
    return act.answer(
        lambda: _set(visited, form), "Le plan de financement est enregistré."
    )


def _ruled(operation: Operation, plan: Plan) -> dict[str, Any]:
    """Say what the rules in force make of a plan, scheme by scheme."""
    said = {"rules": rules(operation.year)}
    return {
        "rates": list(ceilings.rates(plan.lines, plan.cost_cents, **said)),
        "remarks": list(ceilings.remarks(plan.lines, plan.cost_cents, **said)),
    }


def _drawn_up(operation: Operation, form: PlanForm) -> Plan:
    """Add up the lines of a form that hold, or those of the plan in force."""
    lines: Sequence[Line] = [
        Line(
            operation=operation,
            scheme=line.scheme,
            funder=line.funder,
            amount_cents=line.amount_cents,
        )
        for line in form.planned
    ]
    if not form.lines.is_bound:
        lines = list(operation.lines.all())
    return Plan(lines, operation.cost_cents)


def _set(visited: OperationVisit, form: PlanForm) -> Receipt:
    return funding.set_plan(
        operation_id=visited.operation.pk,
        process=visited.process,
        lines=form.planned,
        edit=visited.sheet.plan_edit,
        seen=form.cleaned_data["seen"],
        key=form.cleaned_data["key"],
        by=visited.by,
        at=visited.at,
    )


def notify(request: HttpRequest, pk: int, line_id: int) -> HttpResponse:
    """Record that a line was awarded."""
    visited = visit(request, pk)
    line = _line_of(visited, line_id)
    form = NotificationForm(
        request.POST if is_sent(request) else None,
        initial=visited.initial(notified_on=visited.on),
    )
    act = Act(
        visited,
        form,
        title=RECORD_NOTIFICATION.label,
        button="Enregistrer la notification",
        closed=()
        if is_sent(request)
        else visited.sheet.refusals_of(RECORD_NOTIFICATION),
        note=_described(line),
    )
    return act.answer(
        lambda: funding.record_notification(
            operation_id=visited.operation.pk,
            process=visited.process,
            line_id=line.pk,
            notified_on=form.cleaned_data["notified_on"],
            notification=form.cleaned_data["notification"],
            key=form.cleaned_data["key"],
            by=visited.by,
            at=visited.at,
        ),
        "La notification est enregistrée.",
    )


def settle(request: HttpRequest, pk: int, line_id: int) -> HttpResponse:
    """Record that the balance of a line was paid."""
    visited = visit(request, pk)
    line = _line_of(visited, line_id)
    form = SettlementForm(
        request.POST if is_sent(request) else None,
        initial=visited.initial(settled_on=visited.on),
    )
    act = Act(
        visited,
        form,
        title=RECORD_SETTLEMENT.label,
        button="Enregistrer le solde",
        closed=() if is_sent(request) else visited.sheet.refusals_of(RECORD_SETTLEMENT),
        note=_described(line),
    )
    return act.answer(
        lambda: funding.record_settlement(
            operation_id=visited.operation.pk,
            process=visited.process,
            line_id=line.pk,
            settled_on=form.cleaned_data["settled_on"],
            key=form.cleaned_data["key"],
            by=visited.by,
            at=visited.at,
        ),
        "Le solde est enregistré.",
    )


def _line_of(visited: OperationVisit, line_id: int) -> Line:
    line = queries.line_of(visited.operation, line_id)
    if line is None:
        raise Http404
    return line


def _described(line: Line) -> str:
    return f"{line} : {money(line.amount_cents)}."
