"""The addresses of bodies and sittings."""

from django.urls import path

import erbm.converters  # noqa: F401
from erbm.cases import urls as cases
from erbm.committees.room import SITTINGS
from erbm.committees.views import (
    agendas,
    arbitrations,
    closing,
    documents,
    feeds,
    lists,
    live,
    rules,
    sheets,
)

app_name = SITTINGS.namespace
urlpatterns = [
    path("", lists.show, name="list"),
    path("instances/<id:body_id>/annee/", lists.plan_year, name="plan_year"),
    path("instances/<id:body_id>/nouvelle/", lists.plan_sitting, name="plan_sitting"),
    path("instances/<id:body_id>/regles/", rules.show, name="rules"),
    path("instances/<id:body_id>/regles/changer/", rules.change, name="rules_change"),
    path("instances/<id:body_id>/agenda/", feeds.choose, name="open_feed"),
    path("agenda/<str:token>.ics", feeds.show, name="feed"),
    path("arbitrages/", arbitrations.index, name="arbitrations"),
    path("arbitrages/<id:pk>/", arbitrations.show, name="arbitration"),
    path("fiches/<id:pk>.pdf", documents.operation_sheet, name="operation_sheet"),
    path("<id:pk>/", sheets.detail, name="detail"),
    path("<id:pk>/date/", sheets.edit, name="edit"),
    path("<id:pk>/ordre-du-jour/", agendas.edit, name="agenda"),
    path("<id:pk>/en-seance/", live.show, name="live"),
    path("<id:pk>/en-seance/etat/", live.state, name="live_state"),
    path("<id:pk>/en-seance/presences/", live.attendance, name="attendance"),
    path("<id:pk>/points/<id:item_id>/decider/", live.decide, name="decide"),
    path("<id:pk>/points/<id:item_id>/deport/", live.aside, name="aside"),
    path("<id:pk>/points/<id:item_id>/extrait.pdf", documents.extract, name="extract"),
    path("<id:pk>/releve.pdf", documents.minutes, name="minutes"),
    path("<id:pk>/rapport.pdf", documents.report, name="report"),
    path(
        "<id:pk>/points/<id:item_id>/extrait.docx",
        documents.extract,
        {"given": documents.DOCX},
        name="editable_extract",
    ),
    path(
        "<id:pk>/releve.docx",
        documents.minutes,
        {"given": documents.DOCX},
        name="editable_minutes",
    ),
    path(
        "<id:pk>/rapport.docx",
        documents.report,
        {"given": documents.DOCX},
        name="editable_report",
    ),
    path("<id:pk>/gestes/close/", closing.close, {"name": "close"}),
    path("<id:pk>/gestes/close_jointly/", closing.close, {"name": "close_jointly"}),
    *cases.of(SITTINGS),
]
