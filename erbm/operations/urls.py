"""The addresses of operations."""

from django.urls import path

import erbm.converters  # noqa: F401
from erbm.operations.views import (
    clocks,
    conflicts,
    consultations,
    documents,
    drafts,
    facts,
    moves,
    openings,
    plans,
    sheets,
)

app_name = "operations"
urlpatterns = [
    path("nouvelle/", openings.choose, name="choose"),
    path("nouvelle/<slug:kind>/", openings.new, name="new"),
    path("<id:pk>/", sheets.detail, name="detail"),
    path("<id:pk>/journal/", sheets.trail, name="trail"),
    path("<id:pk>/parcours/", sheets.path, name="path"),
    path("<id:pk>/au/", sheets.as_of, name="as_of"),
    path("<id:pk>/gestes/<slug:name>/", moves.move, name="move"),
    path("<id:pk>/gestes/<slug:name>/brouillon/", drafts.save, name="draft_save"),
    path(
        "<id:pk>/gestes/<slug:name>/brouillon/effacer/",
        drafts.discard,
        name="draft_discard",
    ),
    path("<id:pk>/taches/<id:task_id>/delai/", clocks.turn, name="clock"),
    path("<id:pk>/conflits/declarer/", conflicts.declare, name="conflict_declare"),
    path("<id:pk>/conflits/<id:user_id>/lever/", conflicts.lift, name="conflict_lift"),
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
