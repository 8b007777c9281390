"""Who sees the pages that are made for some roles."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from erbm.held import held_by
from flows.roles import Role

View = Callable[..., HttpResponse]


def only_for(roles: frozenset[Role]) -> Callable[[View], View]:
    """Hide a page from those who hold none of these roles, their own or lent."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            held = held_by(request, timezone.localdate())
            if not any(one.role in roles for one in held):
                raise Http404
            return view(request, **kwargs)

        return guarded

    return decorate
