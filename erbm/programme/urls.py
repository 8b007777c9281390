"""The addresses of the programme."""

from django.urls import path

import erbm.converters  # noqa: F401
from erbm.programme.views import envelopes, rules

app_name = "programme"
urlpatterns = [
    path("enveloppes/", envelopes.index, name="envelopes"),
    path("enveloppes/nouvelle/", envelopes.new, name="envelope_new"),
    path("enveloppes/<id:pk>/", envelopes.show, name="envelope"),
    path("enveloppes/<id:pk>/abonder/", envelopes.grant, name="envelope_grant"),
    path("enveloppes/<id:pk>/deleguer/", envelopes.delegate, name="delegate"),
    path("enveloppes/<id:pk>/reprendre/", envelopes.recall, name="recall"),
    path("regles/", rules.index, name="rules"),
    path("regles/<slug:scheme>/", rules.show, name="rule"),
    path("regles/<slug:scheme>/changer/", rules.change, name="rule_change"),
]
