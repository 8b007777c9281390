"""Where a person arrives."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm.desk import navigation
from erbm.held import held_by


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Lead to the page where the day of this person starts."""
    held = held_by(request, timezone.localdate())
    roles = {membership.role for membership in held}
    return redirect(navigation.home_of(roles))
