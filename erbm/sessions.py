"""End a session that was idle, or open, for too long."""

import datetime
from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from erbm.accounts.commands import Leaving, note_sign_out
from erbm.accounts.models import User

OPENED = "opened_at"
SEEN = "seen_at"
# The session is a row: writing it at every page would cost more than the page.
PRECISION = datetime.timedelta(minutes=5)


def limit_sessions(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Sign people out once either limit of the settings is reached."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            _keep_or_end(request, at=timezone.now())
        return get_response(request)

    return middleware


def _keep_or_end(request: HttpRequest, *, at: datetime.datetime) -> None:
    now = at.timestamp()
    opened = request.session.setdefault(OPENED, now)
    seen = request.session.setdefault(SEEN, now)
    idle = now - seen > settings.SESSION_IDLE_LIMIT.total_seconds()
    if idle or now - opened > settings.SESSION_ABSOLUTE_LIMIT.total_seconds():
        why = Leaving.IDLE if idle else Leaving.TOO_LONG
        note_sign_out(why=why, by=cast("User", request.user), at=at)
        logout(request)
    elif now - seen > PRECISION.total_seconds():
        request.session[SEEN] = now
