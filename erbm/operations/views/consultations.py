"""Whose opinion is asked on an operation, while the consultation is open."""

from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponse

from erbm.cases.views.acts import Act, is_sent
from erbm.operations import commands
from erbm.operations.forms import DismissForm, InviteForm
from erbm.operations.hearings import Consulted
from erbm.operations.views.visits import OperationVisit, visit
from flows.edits import DISMISS, INVITE
from workflow.models import Unit
from workflow.refusals import Ground, Refusal

NOBODY_LEFT = Refusal(
    Ground.REQUIREMENT, "Tous les services qui rendent des avis sont déjà consultés."
)


def invite(request: HttpRequest, pk: int) -> HttpResponse:
    visited = visit(request, pk)
    form = InviteForm(
        request.POST if is_sent(request) else None,
        initial=visited.initial(),
        units=visited.sheet.units_to_consult,
    )
    act = Act(
        visited,
        form,
        title=INVITE.label,
        button="Demander son avis",
        closed=() if is_sent(request) else _closed(visited),
        note="Le service reçoit la demande aussitôt, avec le délai qui est le sien ; "
        "l’opération ne passe pas au comité sans son avis ou l’échéance.",
    )
    return act.answer(
        lambda: commands.consult(
            operation_id=visited.operation.pk,
            process=visited.process,
            unit=form.cleaned_data["unit"],
            reason=form.cleaned_data["reason"],
            seen=form.cleaned_data["seen"],
            key=form.cleaned_data["key"],
            by=visited.by,
            at=visited.at,
        ),
        "L’avis est demandé.",
    )


def _closed(visited: OperationVisit) -> list[Refusal]:
    """Say why nobody can be consulted now; because nobody is left, perhaps."""
    found = list(visited.sheet.refusals_of(INVITE))
    return found if found or visited.sheet.units_to_consult else [NOBODY_LEFT]


def dismiss(request: HttpRequest, pk: int, unit_id: int) -> HttpResponse:
    visited = visit(request, pk)
    unit = _consulted(visited.sheet.consulted, unit_id)
    form = DismissForm(
        request.POST if is_sent(request) else None, initial=visited.initial()
    )
    act = Act(
        visited,
        form,
        title=DISMISS.label,
        button="Ne plus l’attendre",
        closed=() if is_sent(request) else visited.sheet.refusals_of(DISMISS),
        note=f"{unit.name} n’est plus sollicité, ni ne voit plus l’opération "
        "à ce titre.",
    )
    return act.answer(
        lambda: commands.dismiss(
            operation_id=visited.operation.pk,
            process=visited.process,
            unit=unit,
            reason=form.cleaned_data["reason"],
            seen=form.cleaned_data["seen"],
            key=form.cleaned_data["key"],
            by=visited.by,
            at=visited.at,
        ),
        "L’avis n’est plus attendu.",
    )


def _consulted(consulted: Iterable[Consulted], unit_id: int) -> Unit:
    """
    Return the unit of that id, if its opinion is asked.

    :raises Http404: if it is not
    """
    for one in consulted:
        if one.unit.pk == unit_id:
            return one.unit
    raise Http404
