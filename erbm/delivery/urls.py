"""The addresses of the works."""

from django.urls import path

import erbm.converters  # noqa: F401
from erbm.delivery.views import counter, works

app_name = "delivery"
urlpatterns = [
    path("logements/", counter.show, name="counter"),
    path("operations/<id:pk>/calendrier/", works.schedule, name="schedule"),
    path("operations/<id:pk>/photographies/nouvelle/", works.photo, name="photo_new"),
]
