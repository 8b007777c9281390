"""What people read when a page cannot be shown."""

import contextlib
import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

# When even the page that apologises cannot be made.
LAST_WORDS = (
    '<!doctype html><html lang="fr"><meta charset="utf-8">'
    "<title>Erreur du service</title><h1>Le service a rencontré une erreur.</h1>"
    "<p>Rien n’a été enregistré. Réessayez dans quelques minutes.</p></html>"
)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened to a case while somebody was filling in a form."""

    by: str
    at: datetime.datetime
    what: str


@dataclass(frozen=True, slots=True)
class Typed:
    """One answer that somebody gave in a form that came too late."""

    label: str
    value: str


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse(loader.render_to_string("400.html"), status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Apologise without asking anything of the database or of the session."""
    page: str = LAST_WORDS
    with contextlib.suppress(Exception):  # whatever broke must not hide the answer
        page = loader.render_to_string("500.html")
    return HttpResponse(page, status=500)


BUSY = (
    "Quelqu’un d’autre enregistre au même moment. Rien n’est perdu de ce que vous "
    "avez saisi\u00a0: envoyez à nouveau dans un instant."
)
LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL, appendix A


def is_busy(error: BaseException) -> bool:
    """Tell whether a database gave up waiting for a row that somebody holds."""
    sqlstate = getattr(error.__cause__, "sqlstate", "")
    return sqlstate == LOCK_NOT_AVAILABLE or "database is locked" in str(error)


class BusyMiddleware:
    """Ask to try again, rather than apologise, when a row was held for too long."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponse | None:
        if not (isinstance(exception, OperationalError) and is_busy(exception)):
            return None
        page = loader.render_to_string("503.html")
        return HttpResponse(page, status=503, headers={"Retry-After": "2"})


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return HttpResponse(loader.render_to_string("403_csrf.html"), status=403)


def conflict(
    request: HttpRequest,
    *,
    case: Any,
    changes: Sequence[Change],
    kept: Sequence[Typed],
    resume_url: str,
    resent: Sequence[tuple[str, str]] = (),
    leave_url: str = "",
) -> HttpResponse:
    """
    Say who changed a case in between, and give back what was typed.

    - `resent`: the fields with which the form is filled anew, if one goes on;
    - `leave_url`: where one goes if one gives up.
    """
    context = {
        "case": case,
        "changes": changes,
        "kept": kept,
        "resume_url": resume_url,
        "resent": resent,
        "leave_url": leave_url,
    }
    return render(request, "409.html", context, status=409)
