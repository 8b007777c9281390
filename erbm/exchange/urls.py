"""The addresses of the comments of a case."""

from django.urls import path

import erbm.converters  # noqa: F401
from erbm.exchange import views

urlpatterns = [
    path("<id:pk>/echanges/", views.index, name="exchange"),
    path("<id:pk>/echanges/nouveau/", views.new, name="exchange_new"),
    path(
        "<id:pk>/echanges/<id:comment_id>/retirer/",
        views.withdraw,
        name="exchange_withdraw",
    ),
    path(
        "<id:pk>/echanges/fichiers/<id:attachment_id>/",
        views.download,
        name="exchange_file",
    ),
]
