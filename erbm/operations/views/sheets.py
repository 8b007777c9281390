"""An operation, its journal, and what it was at some moment."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from erbm.accounts.models import User
from erbm.operations import journal
from erbm.operations.forms import MomentForm
from erbm.operations.views.acts import visit
from workflow import replay
from workflow.diagrams import Focus, svg_of
from workflow.trail import verify
from workflow.trail.reading import path_of


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    visited = visit(request, pk)
    context = {
        "operation": visited.operation,
        "case": visited.operation.case,
        "sheet": visited.sheet,
    }
    return render(request, "operations/detail.html", context)


@require_safe
def trail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show every event, and check the chain that binds them."""
    visited = visit(request, pk)
    context = {
        "operation": visited.operation,
        "case": visited.operation.case,
        "sheet": visited.sheet,
        "problems": verify.problems_of(visited.operation.case),
        "at": visited.at,
    }
    return render(request, "operations/trail.html", context)


@require_safe
def path(request: HttpRequest, pk: int) -> HttpResponse:
    """Show on the picture of its procedure the way that an operation took."""
    visited = visit(request, pk)
    operation, case = visited.operation, visited.operation.case
    focus = Focus(current=case.state, path=path_of(visited.sheet.events))
    context = {
        "operation": operation,
        "case": case,
        "sheet": visited.sheet,
        "picture": svg_of(operation.process, focus),
    }
    return render(request, "operations/path.html", context)


@require_safe
def as_of(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an operation as it was at the moment that is asked for."""
    visited = visit(request, pk)
    form = MomentForm(request.GET or None)
    then, lines = None, []
    if form.is_valid():
        try:
            then = replay.as_of(visited.operation.case, form.moment)
            lines = journal.describe(then.process, then.facts)
        except replay.NotYetOpened:
            form.add_error("day", "Cette opération n’était pas encore ouverte.")
    context = {
        "operation": visited.operation,
        "case": visited.operation.case,
        "form": form,
        "then": then,
        "asked": [(one, _person(one.owner)) for one in then.asked] if then else [],
        "lines": lines,
        "arrived": journal.read([then.latest])[0] if then else None,
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "operations/as_of.html", context, status=status)


def _person(key: int | None) -> User | None:
    return User.objects.filter(pk=key).first() if key else None
