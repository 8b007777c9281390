"""The addresses of the scenarios."""

from django.urls import path

import erbm.converters  # noqa: F401
from erbm.scenarios.views import scenarios

app_name = "scenarios"
urlpatterns = [
    path("", scenarios.index, name="index"),
    path("nouveau/", scenarios.new, name="new"),
    path("<id:pk>/", scenarios.show, name="scenario"),
    path("<id:pk>/corriger/", scenarios.edit, name="edit"),
    path("<id:pk>/comparer/<id:other_pk>/", scenarios.compare, name="compare"),
    path("<id:pk>/adopter/", scenarios.adopt, name="adopt"),
    path("<id:pk>/abandonner/", scenarios.drop, name="drop"),
    path("<id:pk>/lever/<id:item_id>/", scenarios.release, name="release"),
]
