"""The addresses of public events."""

from django.urls import path

import erbm.converters  # noqa: F401
from erbm.communication import views

app_name = "communication"
urlpatterns = [
    path("calendrier/", views.index, name="index"),
    path("operations/<id:pk>/evenements/nouveau/", views.new, name="new"),
    path("operations/<id:pk>/evenements/<id:event_id>/", views.revise, name="revise"),
    path(
        "operations/<id:pk>/evenements/<id:event_id>/annuler/",
        views.call_off,
        name="call_off",
    ),
    path(
        "operations/<id:pk>/evenements/<id:event_id>.ics",
        views.ics,
        name="ics",
    ),
]
