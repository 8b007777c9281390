"""An operation, and its journal."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from erbm.operations.views.acts import visit
from workflow.trail import verify


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
