"""The description of an operation, and what is recorded of it without a move."""

from django.http import Http404, HttpRequest, HttpResponse

from erbm.cases.views.acts import Act, is_sent
from erbm.operations import commands
from erbm.operations.forms import UrbanStudyForm, edit_form_of
from erbm.operations.models import Operation
from erbm.operations.views.visits import OperationVisit, visit
from flows.edits import EDIT_FACTS
from flows.rehabilitation.lifecycle import RECORD_URBAN_STUDY


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    visited = visit(request, pk)
    operation = visited.operation
    form = edit_form_of(operation)(
        request.POST if is_sent(request) else None,
        initial=visited.initial(**_as_described(operation)),
    )
    act = Act(
        visited,
        form,
        title=EDIT_FACTS.label,
        button="Enregistrer",
        closed=() if is_sent(request) else visited.sheet.refusals_of(EDIT_FACTS),
    )
    return act.answer(
        lambda: commands.edit_facts(
            operation_id=operation.pk,
            process=operation.process,
            facts=commands.Facts(
                title=form.cleaned_data["title"],
                cost_cents=form.cleaned_data["cost_cents"],
                columns=form.columns,
            ),
            seen=form.cleaned_data["seen"],
            key=form.cleaned_data["key"],
            by=visited.by,
            at=visited.at,
        ),
        "La description est enregistrée.",
    )


def _as_described(operation: Operation) -> dict[str, object]:
    described = {column: getattr(operation, column) for column in commands.FACTS}
    return described | {
        "title": operation.case.title,
        "cost_cents": operation.case.amount_cents,
        "theme": operation.theme_id,
    }


def urban_study(request: HttpRequest, pk: int) -> HttpResponse:
    visited = visit(request, pk)
    _ask_for_rehabilitation(visited)
    form = UrbanStudyForm(
        request.POST if is_sent(request) else None,
        initial=visited.initial(
            approved_on=visited.operation.urban_study_approved_on or visited.on
        ),
    )
    act = Act(
        visited,
        form,
        title=RECORD_URBAN_STUDY.label,
        button="Enregistrer",
        closed=()
        if is_sent(request)
        else visited.sheet.refusals_of(RECORD_URBAN_STUDY),
        note="Le COPIL ne valide une réhabilitation qu’après cette étude.",
    )
    return act.answer(
        lambda: commands.record_urban_study(
            operation_id=visited.operation.pk,
            process=visited.process,
            approved_on=form.cleaned_data["approved_on"],
            seen=form.cleaned_data["seen"],
            key=form.cleaned_data["key"],
            by=visited.by,
            at=visited.at,
        ),
        "La validation de l’étude urbaine est enregistrée.",
    )


def _ask_for_rehabilitation(visited: OperationVisit) -> None:
    if RECORD_URBAN_STUDY not in visited.process.edits:
        raise Http404
