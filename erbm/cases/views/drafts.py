"""What is typed for a move, kept as it is typed: with JavaScript, or by a button."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from erbm.cases.rooms import Room
from erbm.cases.views.acts import Visit, visit
from erbm.words import typeset
from workflow import drafts
from workflow.engine import MoveRefused
from workflow.models import Draft
from workflow.process import Move, UnknownMove


def move_of(visited: Visit, name: str) -> Move:
    try:
        return visited.process.move(name)
    except UnknownMove:
        raise Http404 from None


def taken_up(visited: Visit, move: Move) -> tuple[Draft | None, list[Draft]]:
    """Return the draft that a form begins with, and those of others beside it."""
    situation = visited.sheet.situation
    own, others = drafts.own(situation, move), drafts.shared(situation, move)
    asked = visited.request.GET.get("brouillon", "")
    chosen = next((one for one in others if str(one.pk) == asked), own)
    return chosen, [one for one in others if one != chosen]


@require_POST
@sensitive_post_parameters("password")
def save(request: HttpRequest, pk: int, name: str, *, room: Room) -> HttpResponse:
    """Keep what a form holds, whole or not; answer in the form, or by its page."""
    visited = visit(request, room, pk)
    move = move_of(visited, name)
    found, draft = "", None
    try:
        draft = drafts.save(
            visited.sheet.situation,
            move,
            {key: str(value) for key, value in request.POST.items()},
            is_shared="draft_shared" in request.POST,
            at=visited.at,
        )
    except MoveRefused as refused:
        found = typeset(" ".join(one.message for one in refused.refusals))
    if "HX-Request" in request.headers:
        context = {"draft": draft, "refused": found}
        return render(request, "cases/parts/draft_saved.html", context)
    if found:
        messages.error(request, f"Le brouillon n’est pas enregistré. {found}")
    elif draft:
        messages.success(request, "Le brouillon est enregistré.")
    return redirect(room.address(pk, "move", move.name))


@require_POST
@sensitive_post_parameters("password")
def discard(request: HttpRequest, pk: int, name: str, *, room: Room) -> HttpResponse:
    visited = visit(request, room, pk)
    move = move_of(visited, name)
    drafts.discard(visited.sheet.situation, move)
    messages.success(request, "Le brouillon est effacé.")
    return redirect(room.address(pk, "move", move.name))
