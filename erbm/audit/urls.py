"""The addresses of the audit."""

from django.urls import path

import erbm.converters  # noqa: F401
from erbm.audit.views import cases, register, seals, search, verifications

app_name = "audit"
urlpatterns = [
    path("", search.show, name="search"),
    path("verification/", verifications.verify, name="verify"),
    path("sceaux/", seals.show, name="seals"),
    path("sceaux/comparer/", seals.compare, name="compare"),
    path("sceaux/<id:size>/note/", seals.note, name="note"),
    path("registre/", register.show, name="register"),
    path("dossiers/<slug:reference>/", cases.show, name="case"),
    path("dossiers/<slug:reference>/verifier/", cases.verify, name="verify_case"),
    path("dossiers/<slug:reference>/<id:seq>/preuve/", cases.proof, name="proof"),
]
