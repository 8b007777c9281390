"""The calendar of a body: opened by whoever wants it, read by other software."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from erbm.committees import calendars
from erbm.committees.models import Body
from erbm.committees.room import SITTINGS
from erbm.held import held_by

KEPT = 300  # seconds


@never_cache
def choose(request: HttpRequest, body_id: int) -> HttpResponse:
    """Open the calendar of a body, or have its address open nothing any more."""
    body = get_object_or_404(Body.objects.in_service(), pk=body_id)
    visible = SITTINGS.visible(held_by(request, timezone.localdate()))
    if not visible.filter(body=body).exists():
        raise Http404
    address = ""
    if request.method == "POST":
        with transaction.atomic(durable=True):
            if "revoke" in request.POST:
                calendars.revoke_feed(body, by=request.user, at=timezone.now())
                messages.success(request, "L’adresse de cet agenda n’ouvre plus rien.")
                return redirect(request.path)
            token = calendars.open_feed(body, by=request.user, at=timezone.now())
        path = reverse("committees:feed", args=[token])
        address = request.build_absolute_uri(path)
    feed = calendars.current_of(body, request.user)
    context = {"body": body, "feed": feed, "address": address}
    return render(request, "committees/feed.html", context)


@login_not_required
@require_safe
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Show the sittings of a body to whatever software has the address."""
    feed = calendars.opened_by(token)
    if feed is None:
        raise Http404
    content = calendars.calendar_of(feed.body, timezone.now())
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = f"private, max-age={KEPT}"
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response
