"""The addresses of grants, of payments, and of what Chorus says of them."""

from django.urls import path

import erbm.converters  # noqa: F401
from erbm.cases import urls as cases
from erbm.grants.room import GRANTS, PAYMENTS
from erbm.grants.views import chorus, documents, papers, requests, sheets, writing

grant_pages = [
    path("", sheets.grants, name="list"),
    path(
        "demander/<id:pk>/<id:line_id>/",
        requests.grant,
        name="request",
    ),
    path("chorus/", chorus.restitutions, name="restitutions"),
    path("chorus/<id:pk>/", chorus.restitution, name="restitution"),
    path("chorus/ecarts/<id:pk>/", chorus.difference, name="difference"),
    path("<id:pk>/", sheets.detail, name="detail"),
    *cases.of(GRANTS),
    path("<id:pk>/acte/", writing.prepare_act, name="act"),
    path("<id:pk>/acte.pdf", papers.act, name="act_pdf"),
    path("<id:pk>/accuse.pdf", papers.receipt, name="receipt_pdf"),
    path("<id:pk>/notification.pdf", papers.notification, name="notification_pdf"),
    path("<id:pk>/enveloppe/", writing.envelope, name="envelope"),
    path("<id:pk>/europe/", writing.european, name="european"),
    path("<id:pk>/europe.pdf", papers.european, name="european_pdf"),
    path("<id:pk>/pieces/nouvelle/", documents.join_grant, name="document_new"),
    path("<id:pk>/pieces/<id:document_id>/", documents.of_grant, name="document"),
    path("<id:pk>/paiements/<slug:kind>/", requests.payment, name="payment_new"),
]
payment_pages = [
    path("", sheets.payments, name="list"),
    path("<id:pk>/", sheets.payment, name="detail"),
    *cases.of(PAYMENTS),
    path("<id:pk>/montant/", writing.edit_payment, name="edit"),
    path("<id:pk>/pieces/nouvelle/", documents.join_payment, name="document_new"),
    path("<id:pk>/pieces/<id:document_id>/", documents.of_payment, name="document"),
]
