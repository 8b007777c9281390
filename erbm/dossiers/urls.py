"""The addresses of dossiers."""

from django.urls import path

import erbm.converters  # noqa: F401
from erbm.dossiers import views

urlpatterns = [path("<id:pk>/complet/", views.dossier, name="dossier")]
