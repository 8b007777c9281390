"""The page of an operation."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from erbm.operations.views.visits import visit


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "operations/detail.html", visit(request, pk).context())
