"""The form of each move of a procedure."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.debug import sensitive_post_parameters

from erbm.cases import commands
from erbm.cases.commands import Receipt
from erbm.cases.rooms import Room
from erbm.cases.sayings import MoveForm, as_it_stands
from erbm.cases.views.acts import Act, Visit, is_sent, visit
from erbm.cases.views.drafts import move_of, taken_up
from erbm.words import FIXED
from workflow import drafts
from workflow.process import Move


@sensitive_post_parameters("password")
def move(request: HttpRequest, pk: int, name: str, *, room: Room) -> HttpResponse:
    visited = visit(request, room, pk)
    wanted = move_of(visited, name)
    draft, others = taken_up(visited, wanted)
    begun = drafts.usable(draft, wanted) if draft else {}
    form = MoveForm(
        request.POST if is_sent(request) else None,
        initial=visited.initial(**_known(visited, wanted) | begun),
        move=wanted,
        by=request.user,
    )
    act = Act(
        visited,
        form,
        title=wanted.label,
        button=wanted.label,
        closed=() if is_sent(request) else visited.sheet.prospect(wanted).refusals,
        note=wanted.consequence,
        template=room.move_template,
        context={
            "move": wanted,
            "effects": visited.sheet.effects(wanted),
            "draft": draft,
            "other_drafts": others,
        },
    )
    return act.answer(lambda: _make(visited, form), lambda r: _done(visited, wanted, r))


def _known(visited: Visit, wanted: Move) -> dict[str, Any]:
    """Return what a form begins with: facts as they stand, what others have signed."""
    situation = visited.sheet.situation
    signed = situation.signed_inputs(wanted) if wanted.name in situation.pending else {}
    return {**as_it_stands(wanted, visited.subject), **signed}


def _make(visited: Visit, form: MoveForm) -> Receipt:
    receipt = made(visited, attempt_of(visited, form))
    # Apart: left behind by an accident, a draft is ignored and then forgotten.
    drafts.discard(visited.sheet.situation, form.move)
    return receipt


def attempt_of(visited: Visit, form: MoveForm) -> commands.Attempt:
    """Return the attempt that a form holds, once it is found valid."""
    said = form.cleaned_data
    return commands.Attempt(
        move=form.move,
        by=visited.by,
        at=visited.at,
        seen=said["seen"],
        key=said["key"],
        reason=form.reason,
        inputs=form.said,
        effective_on=form.effective_on,
        # The form has just checked the password, if it asked for one.
        confirmed_at=visited.at if form.move.reauthenticate else None,
    )


def made(visited: Visit, attempt: commands.Attempt) -> Receipt:
    """Make a move on the case of a visit."""
    return commands.make_move(
        case_id=visited.case.pk, process=visited.process, attempt=attempt
    )


def _done(visited: Visit, move: Move, receipt: Receipt) -> str:
    """Say what was done, and where the case now stands."""
    process, it = visited.process, visited.room.noun.opening
    state = f"«{FIXED}{process.state_label(receipt.state)}{FIXED}»"
    said = f"« {move.label} » : "
    if not receipt.took_effect:
        return (
            f"{said}votre signature est enregistrée. {it} reste à l’état "
            f"{state} jusqu’à la dernière signature."
        )
    if move.by.needs_signatures:
        return (
            f"{said}c’est fait, la dernière signature est donnée. "
            f"{it} passe à l’état {state}."
        )
    return f"{said}c’est fait. {move.consequence}"
