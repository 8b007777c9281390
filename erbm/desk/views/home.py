"""Where a person arrives."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm.desk import navigation
from workflow.standing import memberships_of


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Lead to the page where the day of this person starts."""
    held = memberships_of(request.user, timezone.localdate())
    roles = {membership.role for membership in held}
    return redirect(navigation.home_of(roles))
