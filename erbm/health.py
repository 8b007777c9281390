"""Tell those who watch whether the application lives and can do its work."""

import datetime
from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from kombu.exceptions import OperationalError

from erbm.celery import app
from erbm.tasks import HEARTBEAT
from workflow import inspections, testimonies, verifications
from workflow.models import Message
from workflow.trail import sealing

# Beat asks every ten seconds; the sweep delivers what nobody announced.
BEAT_IS_LATE = datetime.timedelta(minutes=1)
MESSAGE_IS_LATE = datetime.timedelta(minutes=5)


@login_not_required
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process lives; ask nothing of anyone else."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when all that the work depends on is well, 503 otherwise."""
    at = timezone.now()
    faults = {name: probe(at) for name, probe in PROBES.items()}
    ready = not any(faults.values())
    # A case that contradicts the rules is no reason to turn everybody away.
    watched = {name: watch(at) for name, watch in WATCHES.items()}
    report = {name: fault or "ok" for name, fault in (faults | watched).items()}
    return JsonResponse({"ready": ready, **report}, status=200 if ready else 503)


@login_not_required
@never_cache
def watchz(request: HttpRequest) -> JsonResponse:
    """Answer 503 when those who operate the engine must come and look, 200 otherwise.

    Nobody is turned away for it: that is what `readyz` says.
    """
    at = timezone.now()
    watched = {name: watch(at) for name, watch in WATCHES.items()}
    well = not any(watched.values())
    report = {name: fault or "ok" for name, fault in watched.items()}
    return JsonResponse({"well": well, **report}, status=200 if well else 503)


def _database(at: datetime.datetime) -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return type(error).__name__
    return ""


def _broker(at: datetime.datetime) -> str:
    try:
        with app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, timeout=1)
    except (OperationalError, OSError) as error:
        return type(error).__name__
    return ""


def _beat(at: datetime.datetime) -> str:
    try:
        latest = cache.get(HEARTBEAT)
    except DatabaseError as error:
        return type(error).__name__
    if latest is None:
        return "never seen"
    late = at - latest
    return f"latest seen {late.seconds} s ago" if late > BEAT_IS_LATE else ""


def _messages(at: datetime.datetime) -> str:
    try:
        oldest = Message.objects.due(at).first()
    except DatabaseError as error:
        return type(error).__name__
    late = at - oldest.due_at if oldest else datetime.timedelta()
    return f"oldest due {late} ago" if late > MESSAGE_IS_LATE else ""


def _inspection(at: datetime.datetime) -> str:
    try:
        return inspections.fault(at)
    except DatabaseError as error:
        return type(error).__name__


def _trail(at: datetime.datetime) -> str:
    try:
        return verifications.fault(at)
    except DatabaseError as error:
        return type(error).__name__


def _seals(at: datetime.datetime) -> str:
    try:
        return sealing.fault(at)
    except DatabaseError as error:
        return type(error).__name__


def _witnesses(at: datetime.datetime) -> str:
    try:
        return testimonies.fault(at)
    except DatabaseError as error:
        return type(error).__name__


WATCHES: dict[str, Callable[[datetime.datetime], str]] = {
    "inspection": _inspection,
    "trail": _trail,
    "seals": _seals,
    "witnesses": _witnesses,
}
PROBES: dict[str, Callable[[datetime.datetime], str]] = {
    "database": _database,
    "broker": _broker,
    "beat": _beat,
    "messages": _messages,
}
