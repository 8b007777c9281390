"""The pages that say something about the site itself."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_not_required
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/accessibility.html")


@login_not_required
def legal(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/legal.html")


@login_not_required
def plan(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/plan.html")


@login_not_required
def source(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/source.html")
