"""The addresses of dossiers."""

from django.urls import path

import erbm.converters  # noqa: F401
from erbm.dossiers import views

urlpatterns = [path("<id:pk>/dossier/", views.dossier, name="dossier")]
