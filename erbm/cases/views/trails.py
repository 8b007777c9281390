"""The journal of a case, the way it took, and what it was at some moment."""

from collections.abc import Sequence

from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from erbm.cases import journal
from erbm.cases.forms import MomentForm
from erbm.cases.rooms import Room
from erbm.cases.views.acts import visit
from workflow import replay
from workflow.diagrams import Focus, svg_of
from workflow.trail import verify
from workflow.trail.reading import path_of


@require_safe
def trail(request: HttpRequest, pk: int, *, room: Room) -> HttpResponse:
    """Show every event, and check the chain that binds them."""
    visited = visit(request, room, pk)
    context = visited.context(problems=verify.problems_of(visited.case), at=visited.at)
    return render(request, "cases/trail.html", context)


@require_safe
def path(request: HttpRequest, pk: int, *, room: Room) -> HttpResponse:
    """Show on the picture of its procedure the way that a case took."""
    visited = visit(request, room, pk)
    focus = Focus(current=visited.case.state, path=path_of(visited.sheet.events))
    context = visited.context(picture=svg_of(visited.process, focus))
    return render(request, "cases/path.html", context)


@require_safe
def as_of(request: HttpRequest, pk: int, *, room: Room) -> HttpResponse:
    """Show a case as it was at the moment that is asked for."""
    visited = visit(request, room, pk)
    form = MomentForm(request.GET or None)
    then, lines = None, []
    if form.is_valid():
        try:
            then = replay.as_of(visited.case, form.moment)
            lines = journal.describe(then.process, then.facts)
        except replay.NotYetOpened:
            it = room.noun
            form.add_error("day", f"{it.opening} n’était pas encore ouvert{it.e}.")
    context = visited.context(
        form=form,
        then=then,
        asked=_with_owners(then.asked) if then else [],
        held=room.past(then.events) if then and room.past else None,
        lines=lines,
        arrived=journal.read([then.latest])[0] if then else None,
        amount_label=room.dialect.amount,
    )
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "cases/as_of.html", context, status=status)


def _with_owners(asked: Sequence[replay.Asked]) -> list[tuple[replay.Asked, object]]:
    """Pair what was asked with who had taken charge of it, if anybody had."""
    owners = {one.owner for one in asked if one.owner}
    people = get_user_model()._default_manager.in_bulk(owners)
    return [(one, people.get(one.owner)) for one in asked]
