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
    path("pipeline/", nothing, name="pipeline"),
    path("procedures/", nothing, name="processes"),
    path("incidents/", nothing, name="incidents"),
    path("absences/", nothing, name="absences"),
]


@pytest.fixture(autouse=True)
def _some_pages(settings):
    settings.ROOT_URLCONF = __name__


def test_a_page_that_does_not_exist_is_left_out():
    labels = [entry.label for entry in navigation.menu("/", {Role.OWNER})]

    assert labels == ["Boîte de réception", "Opérations", "Suivi"]


def test_only_administrators_see_the_incidents():
    labels = [entry.label for entry in navigation.menu("/", {Role.ADMINISTRATOR})]

    assert labels[-1] == "Incidents"


def test_pages_looked_for_together_stand_under_one_word():
    *_, group = navigation.menu("/pipeline/", {Role.OWNER})

    assert [link.label for link in group.links] == ["Pipeline", "Procédures"]
    assert group.is_current
    assert not navigation.menu("/operations/", {Role.OWNER})[-1].is_current


def test_what_is_personal_stands_apart():
    labels = [link.label for link in navigation.links("/", entries=navigation.PERSONAL)]

    assert labels == ["Mes absences"]


def test_the_menu_says_which_page_one_is_on():
    on_page = navigation.menu("/operations/", set())[:2]
    below = navigation.menu("/operations/12/", set())[:2]

    assert [link.current for link in on_page] == ["", "page"]
    assert [link.current for link in below] == ["", "true"]
