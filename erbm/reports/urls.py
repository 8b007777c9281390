"""The addresses of the reports."""

from django.urls import path

from erbm.reports import views

app_name = "reports"
urlpatterns = [
    path("bilans/", views.index, name="index"),
    path("bilans/telecharger/", views.give, name="give"),
]
