"""The addresses of bodies and sittings."""

from django.urls import path

import erbm.converters  # noqa: F401
from erbm.cases import urls as cases
from erbm.committees.room import SITTINGS
from erbm.committees.views import lists, sheets

app_name = SITTINGS.namespace
urlpatterns = [
    path("", lists.show, name="list"),
    path("instances/<id:body_id>/annee/", lists.plan_year, name="plan_year"),
    path("instances/<id:body_id>/nouvelle/", lists.plan_sitting, name="plan_sitting"),
    path("<id:pk>/", sheets.detail, name="detail"),
    path("<id:pk>/date/", sheets.edit, name="edit"),
    *cases.of(SITTINGS),
]
