"""Conditions are accepted at a decision; proofs are joined, and given back."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from erbm import words
from erbm.cases.views import acts
from erbm.cases.views.acts import Act, is_sent
from erbm.obligations import commands, queries
from erbm.obligations.forms import AcceptForm, ProofForm
from erbm.obligations.models import Origin
from erbm.obligations.room import OBLIGATIONS
from erbm.operations.models import Operation
from erbm.operations.views.documents import given_back
from erbm.operations.views.visits import OperationVisit, visit
from flows.edits import ACCEPT_CONDITIONS
from flows.obligation.lifecycle import ADD_PROOF
from flows.operation import State
from workflow.engine import Receipt


def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept conditions of an operation."""
    visited = visit(request, pk)
    sent = is_sent(request)
    form = AcceptForm(
        request.POST if sent else None,
        initial=visited.initial(**_decided(visited.operation)),
        demanded=queries.demanded(visited.operation),
        on=visited.on,
    )
    act = Act(
        visited,
        form,
        title=ACCEPT_CONDITIONS.label,
        button="Retenir ces conditions",
        closed=() if sent else visited.sheet.refusals_of(ACCEPT_CONDITIONS),
        note="Chacune est suivie à part : qui la doit, son échéance, ses preuves.",
        template="obligations/accept.html",
    )
    return act.answer(
        lambda: _accept(visited, form), "Les conditions sont retenues et suivies."
    )


def _accept(visited: OperationVisit, form: AcceptForm) -> Receipt:
    said = form.cleaned_data
    key: UUID = said["key"]
    return commands.accept(
        operation_id=visited.operation.pk,
        process=visited.process,
        conditions=form.accepted,
        origin=Origin(said["origin"]),
        decision=said["decision"],
        key=key,
        by=visited.by,
        at=visited.at,
    )


def _decided(operation: Operation) -> dict[str, Any]:
    """Say what a form begins with: the latest decision of the operation."""
    match operation.case.state:
        case State.ARBITRATION:
            return {"origin": Origin.ARBITRATION}
        case State.FUNDED | State.IN_PROGRESS:
            return {"origin": Origin.AWARD}
    if operation.copil_on:
        said = f"COPIL du {words.day(operation.copil_on)}"
        return {"origin": Origin.COPIL, "decision": said}
    if operation.committee_on:
        said = f"Comité d’arrondissement du {words.day(operation.committee_on)}"
        return {"origin": Origin.COMMITTEE, "decision": said}
    return {"origin": Origin.COMMITTEE}


def prove(request: HttpRequest, pk: int) -> HttpResponse:
    """Join a proof."""
    visited = acts.visit(request, OBLIGATIONS, pk)
    sent = is_sent(request)
    form = ProofForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        initial=visited.initial(),
    )
    act = Act(
        visited,
        form,
        title=ADD_PROOF.label,
        button=ADD_PROOF.label,
        closed=() if sent else visited.sheet.refusals_of(ADD_PROOF),
        note="Son empreinte est inscrite au journal : une preuve ne change plus.",
    )
    return act.answer(
        lambda: commands.add_proof(
            obligation_id=visited.case.pk,
            proof=commands.NewProof(
                title=form.cleaned_data["title"],
                file=form.cleaned_data["file"],
                content_type=form.content_type,
            ),
            key=form.cleaned_data["key"],
            by=visited.by,
            at=visited.at,
        ),
        "La preuve est jointe.",
    )


@require_safe
def proof(request: HttpRequest, pk: int, proof_id: int) -> HttpResponseBase:
    visited = acts.visit(request, OBLIGATIONS, pk)
    return given_back(get_object_or_404(visited.subject.proofs, pk=proof_id))
