"""The addresses of the conditions."""

from django.urls import path

import erbm.converters  # noqa: F401
from erbm.cases import urls as cases
from erbm.obligations.room import OBLIGATIONS
from erbm.obligations.views import acts, pages

app_name = OBLIGATIONS.namespace
urlpatterns = [
    path("", pages.show, name="list"),
    path("retenir/<id:pk>/", acts.accept, name="accept"),
    path("<id:pk>/", pages.detail, name="detail"),
    *cases.of(OBLIGATIONS),
    path("<id:pk>/preuves/nouvelle/", acts.prove, name="proof_new"),
    path("<id:pk>/preuves/<id:proof_id>/", acts.proof, name="proof"),
]
