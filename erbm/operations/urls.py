"""The addresses of operations."""

from django.urls import path

import erbm.converters  # noqa: F401
from erbm.cases import urls as cases
from erbm.operations.room import OPERATIONS
from erbm.operations.views import (
    consultations,
    documents,
    facts,
    openings,
    opinions,
    plans,
    sheets,
)

app_name = OPERATIONS.namespace
urlpatterns = [
    path("nouvelle/", openings.choose, name="choose"),
    path("nouvelle/<slug:kind>/", openings.new, name="new"),
    path("<id:pk>/", sheets.detail, name="detail"),
    # Before the form that any move has: an opinion has more to say.
    path("<id:pk>/gestes/give_opinion/", opinions.give, name="opinion"),
    path(
        "<id:pk>/gestes/give_opinion/brouillon/",
        opinions.save_draft,
        name="opinion_draft",
    ),
    *cases.of(OPERATIONS),
    path("<id:pk>/avis/demander/", consultations.invite, name="consult"),
    path("<id:pk>/avis/<id:unit_id>/retirer/", consultations.dismiss, name="dismiss"),
    path("<id:pk>/description/", facts.edit, name="edit"),
    path("<id:pk>/etude-urbaine/", facts.urban_study, name="urban_study"),
    path("<id:pk>/financement/", plans.edit, name="plan"),
    path("<id:pk>/financement/<id:line_id>/notification/", plans.notify, name="notify"),
    path("<id:pk>/financement/<id:line_id>/solde/", plans.settle, name="settle"),
    path("<id:pk>/pieces/nouvelle/", documents.new, name="document_new"),
    path("<id:pk>/pieces/<id:document_id>/", documents.download, name="document"),
]
