"""The menu shows the pages that exist to the people they are for."""

import pytest
from django.http import HttpResponse
from django.urls import include, path

from erbm.desk import navigation
from flows.roles import Role


def nothing(request):
    return HttpResponse()


urlpatterns = [
    path("boite/", nothing, name="inbox"),
    path("operations/", include(([path("", nothing, name="list")], "operations"))),
    path("incidents/", nothing, name="incidents"),
    path("absences/", nothing, name="absences"),
]


@pytest.fixture(autouse=True)
def _some_pages(settings):
    settings.ROOT_URLCONF = __name__


def test_a_page_that_does_not_exist_is_left_out():
    labels = [link.label for link in navigation.links("/", {Role.OWNER})]

    assert labels == ["Boîte de réception", "Opérations"]


def test_only_administrators_see_the_incidents():
    labels = [link.label for link in navigation.links("/", {Role.ADMINISTRATOR})]

    assert labels[-1] == "Incidents"


def test_what_is_personal_stands_apart():
    labels = [link.label for link in navigation.links("/", entries=navigation.PERSONAL)]

    assert labels == ["Mes absences"]


def test_the_menu_says_which_page_one_is_on():
    on_page = navigation.links("/operations/", set())
    below = navigation.links("/operations/12/", set())

    assert [link.current for link in on_page] == ["", "page"]
    assert [link.current for link in below] == ["", "true"]
