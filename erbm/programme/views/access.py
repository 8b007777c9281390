"""Who sees the pages of the programme: the services, not those who ask for money."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from erbm.held import held_by
from erbm.programme import powers
from flows.roles import Role

View = Callable[..., HttpResponse]


def for_services(view: View) -> View:
    """Hide a page from those who are not of the services."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not powers.reads(held_by(request, timezone.localdate())):
            raise Http404
        return view(request, **kwargs)

    return guarded


def only(roles: frozenset[Role]) -> Callable[[View], View]:
    """Hide a page from those who hold none of these roles."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if not may(request, roles):
                raise Http404
            return view(request, **kwargs)

        return guarded

    return decorate


def may(request: HttpRequest, roles: frozenset[Role]) -> bool:
    """Tell whether the person of a request holds one of these roles."""
    return powers.holds(held_by(request, timezone.localdate()), roles)
