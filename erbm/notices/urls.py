"""The addresses of what one is told."""

from django.urls import path

import erbm.converters  # noqa: F401
from erbm.notices.views import choices, feeds, told

urlpatterns = [
    path("notifications/", told.index, name="notices"),
    path("notifications/tout-lire/", told.read_all, name="read_notices"),
    path(
        "notifications/dossiers/<id:case_id>/lire/",
        told.read_case,
        name="read_case_notices",
    ),
    path("compte/notifications/", choices.show, name="notice_choices"),
    path("compte/agenda/", choices.open_calendar, name="open_calendar"),
    path("compte/agenda/revoquer/", choices.revoke_calendar, name="revoke_calendar"),
    path("agenda/<str:token>.ics", feeds.show, name="feed"),
]
