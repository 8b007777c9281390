"""The agenda of a sitting, as its secretary fills and arranges it."""

import uuid
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from erbm.committees import commands
from erbm.committees.views.visits import SittingVisit, visit
from erbm.forms import new_key
from erbm.words import typeset

UP, DOWN = -1, 1


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the agenda with what may be done to it, or do one of these things."""
    visited = visit(request, pk)
    if request.method == "POST":
        _done(visited)
        return redirect(request.path)
    sheet = visited.sheet
    context = visited.context(
        key=new_key(),
        closed=sheet.refusals_of(visited.process.edit("set_agenda")),
        may_add=sheet.may["set_agenda"] or sheet.may["add_late"],
        is_late=visited.on > visited.sitting.freeze_on or visited.sitting.is_frozen,
    )
    return render(request, "committees/agenda.html", context)


def _done(visited: SittingVisit) -> None:
    """Do what a button asks for, and say what became of it."""
    name, _, which = visited.request.POST.get("action", "").partition(":")
    acts: dict[str, Callable[[SittingVisit, int], None]] = {
        "propose": _propose,
        "theme": _group,
        "up": lambda v, item: _moved(v, item, UP),
        "down": lambda v, item: _moved(v, item, DOWN),
        "remove": _remove,
        "add": _add,
        "postpone": _postpone,
    }
    if name not in acts:
        raise BadRequest("Ce formulaire n’est pas des nôtres.")
    try:
        acts[name](visited, int(which or "0"))
    except commands.MoveRefused as refused:
        told = " ".join(refusal.message for refusal in refused.refusals)
        messages.error(visited.request, typeset(told))
    except commands.StaleCase:
        messages.error(
            visited.request,
            "L’ordre du jour a changé pendant votre saisie : le voici à jour.",
        )
    except (ValueError, commands.KeyReused):
        raise BadRequest("Ce formulaire n’est pas des nôtres.") from None
    else:
        messages.success(visited.request, "L’ordre du jour est à jour.")


def _asked(visited: SittingVisit, *, seen: bool = True) -> commands.Asked:
    said = visited.request.POST
    version = int(said.get("seen", "")) if seen else None
    return commands.Asked(visited.sitting.pk, uuid.UUID(said.get("key", "")), version)


def _propose(visited: SittingVisit, which: int) -> None:
    commands.propose_agenda(asked=_asked(visited), by=visited.by, at=visited.at)


def _group(visited: SittingVisit, which: int) -> None:
    commands.group_by_theme(asked=_asked(visited), by=visited.by, at=visited.at)


def _order(visited: SittingVisit) -> list[int]:
    return [item.pk for item in visited.sitting.agenda()]


def _moved(visited: SittingVisit, item: int, by: int) -> None:
    order = _order(visited)
    if item in order:
        place = order.index(item)
        other = min(max(place + by, 0), len(order) - 1)
        order[place], order[other] = order[other], order[place]
    _arrange(visited, order)


def _remove(visited: SittingVisit, item: int) -> None:
    _arrange(visited, [pk for pk in _order(visited) if pk != item])


def _arrange(visited: SittingVisit, order: list[int]) -> None:
    commands.arrange_agenda(
        asked=_asked(visited), order=order, by=visited.by, at=visited.at
    )


def _add(visited: SittingVisit, which: int) -> None:
    said = visited.request.POST
    commands.add_item(
        asked=_asked(visited, seen=False),
        operation_id=int(said.get("operation", "")),
        reason=said.get("reason", "")[:1000],
        by=visited.by,
        at=visited.at,
    )


def _postpone(visited: SittingVisit, which: int) -> None:
    commands.postpone_item(
        asked=_asked(visited, seen=False),
        item_id=which,
        reason=visited.request.POST.get("reason", "")[:1000],
        by=visited.by,
        at=visited.at,
    )
