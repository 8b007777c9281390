"""The page on which one chooses how what one is told arrives."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from erbm.notices import commands
from erbm.notices.forms import PacesForm
from erbm.notices.views.feeds import address_of
from workflow import digests, feeds, notices


@never_cache
def show(request: HttpRequest) -> HttpResponse:
    form = _form(request)
    if request.method == "POST" and form.is_valid():
        commands.choose(paces=form.paces, by=request.user, at=timezone.now())
        messages.success(request, "Vos choix sont enregistrés.")
        return redirect("notice_choices")
    return _page(request, form, status=422 if form.errors else 200)


@never_cache
@require_POST
def open_calendar(request: HttpRequest) -> HttpResponse:
    """Make an address, and show it: nobody will be able to read it again."""
    token = commands.open_calendar(by=request.user, at=timezone.now())
    return _page(request, _chosen(request.user), address=address_of(token))


@require_POST
def revoke_calendar(request: HttpRequest) -> HttpResponse:
    if commands.revoke_calendar(by=request.user, at=timezone.now()):
        messages.success(request, "L’adresse de votre agenda n’ouvre plus rien.")
    return redirect("notice_choices")


def _form(request: HttpRequest) -> PacesForm:
    return PacesForm(request.POST) if request.POST else _chosen(request.user)


def _chosen(user: Any) -> PacesForm:
    chosen = notices.choices_of(user)
    return PacesForm(initial={t or "overall": p.value for t, p in chosen.items()})


def _page(
    request: HttpRequest, form: PacesForm, address: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "feed": feeds.current_of(request.user),
        "address": address,
        "hour": digests.HOUR,
    }
    return render(request, "notices/choices.html", context, status=status)
