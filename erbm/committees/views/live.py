"""The screen of a sitting, made for a room: one item at a time, and who is there."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from erbm.committees import commands
from erbm.committees.forms import DecisionForm
from erbm.committees.models import AgendaItem
from erbm.committees.queries import Row
from erbm.committees.views.visits import SittingVisit, visit
from erbm.forms import explain, new_key
from erbm.obligations.queries import demanded
from erbm.operations.queries import Sheet
from erbm.words import typeset
from flows.sitting.lifecycle import State


def _row(visited: SittingVisit, point: str) -> Row | None:
    """Return the item that is asked for, or else the first that is not settled."""
    rows = visited.sheet.agenda
    for row in rows:
        if str(row.item.position) == point:
            return row
    waiting = [row for row in rows if not row.item.is_settled]
    return next(iter(waiting or rows), None)


def _item(visited: SittingVisit, item_id: int) -> Row:
    for row in visited.sheet.agenda:
        if row.item.pk == item_id:
            return row
    raise Http404


@require_safe
def show(request: HttpRequest, pk: int) -> HttpResponse:
    visited = visit(request, pk)
    return _page(visited, _row(visited, request.GET.get("point", "")))


@require_safe
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what has changed since a version, or that nothing has: asked by the page."""
    visited = visit(request, pk)
    if request.GET.get("version") == str(visited.case.version):
        return HttpResponse(status=204)
    row = _row(visited, request.GET.get("point", ""))
    return render(request, "committees/parts/live.html", _context(visited, row))


def _context(visited: SittingVisit, row: Row | None, **more: Any) -> dict[str, Any]:
    rows = visited.sheet.agenda
    place = rows.index(row) if row in rows else 0
    return visited.context(
        row=row,
        key=new_key(),
        is_open=visited.case.state == State.OPEN,
        before=rows[place - 1] if row and place else None,
        after=rows[place + 1] if row and place + 1 < len(rows) else None,
        **more,
    )


def _page(
    visited: SittingVisit,
    row: Row | None,
    *,
    form: DecisionForm | None = None,
    stale: AgendaItem | None = None,
    status: int = 200,
) -> HttpResponse:
    form = form or (_form(visited, row) if row else None)
    sheet = _operation(visited, row) if row else None
    context = _context(visited, row, form=form, stale=stale, operation_sheet=sheet)
    return render(visited.request, "committees/live.html", context, status=status)


def _operation(visited: SittingVisit, row: Row) -> Sheet:
    operation = row.item.operation
    return Sheet(operation, by=visited.by, held=visited.held, at=visited.at)


def _form(visited: SittingVisit, row: Row) -> DecisionForm:
    item, later = row.item, visited.sheet.next_sitting
    names = ("reason", "conditions", "position_for", "position_against")
    votes = ("votes_for", "votes_against", "abstentions")
    initial = {name: getattr(item, name) for name in (*names, *votes)}
    planned_on = item.planned_on or (later.held_on if later else None)
    return DecisionForm(
        initial=initial
        | {"key": new_key(), "seen": item.version, "planned_on": planned_on},
        body=visited.sitting.body,
        votes=visited.sitting.rules.votes,
        demanded=demanded(item.operation),
    )


def _address(visited: SittingVisit, row: Row) -> str:
    page = reverse("committees:live", args=[visited.sitting.pk])
    return f"{page}?point={row.item.position}"


@require_POST
def decide(request: HttpRequest, pk: int, item_id: int) -> HttpResponse:
    """Record what the body decides, and go on to the next item."""
    visited = visit(request, pk)
    row = _item(visited, item_id)
    form = DecisionForm(
        request.POST,
        body=visited.sitting.body,
        votes=visited.sitting.rules.votes,
        demanded=demanded(row.item.operation),
    )
    if form.is_forged:
        raise BadRequest("Ce formulaire n’est pas des nôtres.")
    if not form.is_valid():
        return _page(visited, row, form=form, status=422)
    try:
        commands.decide(
            asked=commands.Asked(visited.sitting.pk, form.cleaned_data["key"]),
            said=form.said(item_id),
            by=visited.by,
            at=visited.at,
        )
    except commands.MoveRefused as refused:
        explain(form, refused.refusals)
        return _page(visited, row, form=form, status=422)
    except commands.StaleItem as stale:
        return _page(
            visited, row, form=form.again(stale.item), stale=stale.item, status=409
        )
    except commands.KeyReused:
        raise BadRequest("Ce formulaire a déjà servi.") from None
    messages.success(request, f"Point {row.item.position} : décision consignée.")
    return redirect(_address(visited, _next(visited, row)))


def _next(visited: SittingVisit, row: Row) -> Row:
    """Return the next item that waits, or the same one if none does."""
    later = [r for r in visited.sheet.agenda if r.item.position > row.item.position]
    return next((r for r in later if not r.item.is_settled), row)


@require_POST
def attendance(request: HttpRequest, pk: int) -> HttpResponse:
    """Record who came for each seat."""
    visited = visit(request, pk)
    said = request.POST
    present = set(said.getlist("present"))
    try:
        rows = [
            commands.Presence(
                row.pk,
                is_present=str(row.pk) in present,
                name=said.get(f"name-{row.pk}", "")[:150],
                proxy_to=int(said.get(f"proxy-{row.pk}") or 0) or None,
            )
            for row in visited.sheet.attendance
        ]
        asked = _asked(visited, int(said.get("seen", "")))
    except ValueError:
        raise BadRequest("Ce formulaire n’est pas des nôtres.") from None

    def send() -> None:
        commands.record_attendance(asked=asked, rows=rows, by=visited.by, at=visited.at)

    return _sent(visited, send, "La feuille de présence est enregistrée.")


@require_POST
def aside(request: HttpRequest, pk: int, item_id: int) -> HttpResponse:
    """Have a seat stand aside of one item, or take part in it again."""
    visited = visit(request, pk)
    said = request.POST
    comes_back = "back" in said
    try:
        seat = int(said.get("back") or said.get("seat") or "")
        asked = _asked(visited, None)
    except ValueError:
        raise BadRequest("Ce formulaire n’est pas des nôtres.") from None
    facts: dict[str, Any] = {"item_id": item_id, "attendance_id": seat}

    def send() -> None:
        who = {"by": visited.by, "at": visited.at}
        if comes_back:
            commands.come_back(asked=asked, **facts, **who)
        else:
            reason = said.get("reason", "")[:300]
            commands.stand_aside(asked=asked, **facts, reason=reason, **who)

    done = "Le déport est levé." if comes_back else "Le déport est consigné."
    return _sent(visited, send, done, _item(visited, item_id))


def _asked(visited: SittingVisit, seen: int | None) -> commands.Asked:
    key = uuid.UUID(visited.request.POST.get("key", ""))
    return commands.Asked(visited.sitting.pk, key, seen)


def _sent(
    visited: SittingVisit, send: Any, done: str, row: Row | None = None
) -> HttpResponse:
    request = visited.request
    try:
        send()
    except commands.MoveRefused as refused:
        told = " ".join(refusal.message for refusal in refused.refusals)
        messages.error(request, typeset(told))
    except commands.StaleCase:
        messages.error(request, "La séance a changé pendant votre saisie : la voici.")
    except commands.KeyReused:
        raise BadRequest("Ce formulaire a déjà servi.") from None
    else:
        messages.success(request, done)
    point = request.POST.get("point", "")
    page = reverse("committees:live", args=[visited.sitting.pk])
    if row is not None:
        point = str(row.item.position)
    return redirect(f"{page}?point={point}" if point.isdigit() else page)
