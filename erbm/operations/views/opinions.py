"""The opinion of a service: its reservations, its conditions, what it joins."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from erbm.cases.views import drafts as case_drafts
from erbm.cases.views import moves
from erbm.cases.views.acts import Act, is_sent
from erbm.operations import commands
from erbm.operations.forms.opinions import OpinionForm, conditions_typed
from erbm.operations.models import DocumentKind
from erbm.operations.room import OPERATIONS
from erbm.operations.views.visits import OperationVisit, visit
from flows.operation import GIVE_OPINION
from workflow import drafts
from workflow.engine import Receipt

FILE_TITLE = "Pièce jointe à l’avis"


def give(request: HttpRequest, pk: int) -> HttpResponse:
    visited = visit(request, pk)
    wanted = case_drafts.move_of(visited, GIVE_OPINION.name)
    draft, others = case_drafts.taken_up(visited, wanted)
    begun = drafts.usable(draft, wanted) if draft else {}
    sent = is_sent(request)
    form = OpinionForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        initial=visited.initial(**begun),
        move=wanted,
        by=request.user,
        on=visited.on,
    )
    act = Act(
        visited,
        form,
        title=wanted.label,
        button=wanted.label,
        closed=() if sent else visited.sheet.prospect(wanted).refusals,
        note=wanted.consequence,
        template="operations/opinion.html",
        context={
            "move": wanted,
            "effects": visited.sheet.effects(wanted),
            "draft": draft,
            "other_drafts": others,
        },
    )
    return act.answer(
        lambda: _give(visited, form), "Votre avis est rendu et joint au dossier."
    )


def _give(visited: OperationVisit, form: OpinionForm) -> Receipt:
    file = form.cleaned_data["file"]
    attempt = moves.attempt_of(visited, form)
    if file is None:
        receipt = moves.made(visited, attempt)
    else:
        receipt = commands.give_opinion(
            operation_id=visited.operation.pk,
            process=visited.process,
            attempt=attempt,
            document=commands.NewDocument(
                kind=DocumentKind.REPORT,
                title=FILE_TITLE,
                file=file,
                content_type=form.content_type,
            ),
            by=visited.by,
            at=visited.at,
        )
    drafts.discard(visited.sheet.situation, form.move)
    return receipt


@require_POST
def save_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what is typed, the conditions as one text."""
    typed = request.POST.copy()
    typed["conditions"] = conditions_typed(request.POST)
    request.POST = typed  # type: ignore[assignment]
    return case_drafts.save(request, pk, GIVE_OPINION.name, room=OPERATIONS)
