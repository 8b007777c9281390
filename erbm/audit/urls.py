"""The addresses of the audit."""

from django.urls import path

from erbm.audit.views import cases, search

app_name = "audit"
urlpatterns = [
    path("", search.show, name="search"),
    path("dossiers/<slug:reference>/", cases.show, name="case"),
    path("dossiers/<slug:reference>/verifier/", cases.verify, name="verify_case"),
    path("dossiers/<slug:reference>/<id:seq>/preuve/", cases.proof, name="proof"),
]
