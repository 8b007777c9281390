"""The addresses of what one is told."""

from django.urls import path

import erbm.converters  # noqa: F401
from erbm.notices import views

urlpatterns = [
    path("notifications/", views.index, name="notices"),
    path("notifications/tout-lire/", views.read_all, name="read_notices"),
    path(
        "notifications/dossiers/<id:case_id>/lire/",
        views.read_case,
        name="read_case_notices",
    ),
]
