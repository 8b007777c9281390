"""The close of a sitting: every effect foreseen, then all of them made, or none."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters

from erbm.cases import commands as cases
from erbm.cases.sayings import MoveForm
from erbm.cases.views.acts import Act, is_sent
from erbm.committees import previews
from erbm.committees.views.visits import SittingVisit, visit
from flows.sitting.lifecycle import CLOSE, CLOSE_JOINTLY
from workflow.engine import Receipt


@sensitive_post_parameters("password")
def close(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Show what the close would change, or close the sitting."""
    visited = visit(request, pk)
    wanted = {move.name: move for move in (CLOSE, CLOSE_JOINTLY)}.get(name)
    if wanted is None:
        raise Http404
    form = MoveForm(
        request.POST if is_sent(request) else None,
        initial=visited.initial(),
        move=wanted,
        by=request.user,
    )
    closed = () if is_sent(request) else visited.sheet.prospect(wanted).refusals
    foreseen = previews.of_close(visited.sitting, by=visited.by, at=visited.at)
    act = Act(
        visited,
        form,
        title=wanted.label,
        button=wanted.label,
        closed=closed,
        note=wanted.consequence,
        template="committees/close.html",
        context={
            "move": wanted,
            "effects": visited.sheet.effects(wanted),
            "foreseen": foreseen,
            "changes": list(previews.changes(foreseen)),
        },
    )

    return act.answer(
        lambda: _sent(visited, form), lambda receipt: _done(receipt, len(foreseen))
    )


def _sent(visited: SittingVisit, form: MoveForm) -> Receipt:
    said = form.cleaned_data
    return cases.make_move(
        case_id=visited.case.pk,
        process=visited.process,
        attempt=cases.Attempt(
            move=form.move,
            by=visited.by,
            at=visited.at,
            seen=said["seen"],
            key=said["key"],
            effective_on=form.effective_on,
            # The form has just checked the password.
            confirmed_at=visited.at,
        ),
    )


def _done(receipt: Receipt, count: int) -> str:
    if not receipt.took_effect:
        return "Votre signature est enregistrée ; l’autre coprésident est sollicité."
    return f"La séance est close : {count} décision(s) appliquée(s), ensemble."
