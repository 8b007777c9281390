"""Who audits: the pages are for nobody else, and reach as far as she may look."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from erbm.held import held_by
from flows.roles import Role
from workflow.models import Membership

View = Callable[..., HttpResponse]


def for_auditors(view: View) -> View:
    """Hide a page from everybody else; the view receives what she audits with."""

    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        held = [
            membership
            for membership in held_by(request, timezone.localdate())
            if membership.role == Role.AUDITOR
        ]
        if not held:
            raise Http404
        return view(request, held=held, **kwargs)

    return guarded


def audits_everything(held: list[Membership]) -> bool:
    """Tell whether no jurisdiction nor procedure bounds what an auditor may see."""
    return any(
        one.jurisdiction_id is None
        and not (one.substitution and one.substitution.processes)
        for one in held
    )
