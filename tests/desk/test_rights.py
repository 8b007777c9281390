"""Who can do what is read in the declarations; the words are those of the glossary."""

import html
import re

import pytest
from django.template import Context, Template
from django.urls import reverse

from erbm.cases import rooms
from erbm.desk import terms
from flows.operation import State
from flows.rehabilitation.lifecycle import PROCESS
from flows.roles import Role
from tests.architecture.sources import ROOT
from tests.desk import scenes
from tests.operations import factories
from workflow.diagrams import rights_of

EVERY = [
    (process, str(state)) for process in rooms.processes() for state in process.states
]


@pytest.mark.parametrize(("process", "state"), EVERY)
def test_a_role_has_the_moves_that_the_state_allows_it_and_no_other(process, state):
    rights = {right.role: right for right in rights_of(process, state)}
    moves = {
        (role, number)
        for number, move in enumerate(process.moves, 1)
        if state in move.source
        for role in map(str, move.by.roles)
    }
    edits = {
        (str(role), edit.label)
        for edit in process.edits
        if state in edit.source
        for role in edit.by
    }

    told = [(r.role, act) for r in rights.values() for act in r.acts]
    assert {(role, act.number) for role, act in told if act.number} == moves
    assert {(role, act.label) for role, act in told if not act.number} == edits
    assert len(told) == len(moves) + len(edits)


def test_who_signs_with_others_is_told_so():
    rights = {right.role: right for right in rights_of(PROCESS, State.AWAITING_COPIL)}

    parts = {act.label: act.part for act in rights[Role.COPIL_STATE].acts}
    assert parts[PROCESS.move("validate").label] == "signe"


# The page


def page(client, **params):
    response = client.get(reverse("rights"), params)
    assert response.status_code == 200
    return response


@pytest.fixture
def sub_prefect(client, reference, db):
    person = factories.person_of(
        factories.unit("sous-prefecture-lens"), Role.SUB_PREFECT
    )
    client.force_login(person)
    return person


def roles_on(response):
    return {
        right.role
        for part in response.context["parts"]
        for place in part.places
        for right in place.rights
    }


def test_it_opens_on_what_one_may_do_oneself(client, sub_prefect):
    response = page(client)

    assert roles_on(response) == {Role.SUB_PREFECT}
    assert "Arbitrer en faveur de l’opération" in html.unescape(response.text)


def test_another_role_or_every_role_can_be_asked_for(client, sub_prefect):
    assert roles_on(page(client, role=Role.FUNDER)) == {Role.FUNDER}
    assert len(roles_on(page(client, role="tous"))) > 10
    assert roles_on(page(client, role="roi")) == {Role.SUB_PREFECT}


def test_whoever_holds_no_role_is_told_so(client, reference, db):
    client.force_login(scenes.nobody())

    response = page(client)

    assert roles_on(response) == set()
    assert "Vous n’avez encore aucune fonction" in html.unescape(response.text)


def test_each_move_leads_to_what_its_procedure_says_of_it(client, sub_prefect):
    response = page(client, role="tous")

    for process in {p.name: p for p in rooms.processes()}.values():
        address = reverse("process", args=[process.name])
        linked = re.findall(rf'"{address}#geste-(\d+)"', response.text)
        assert set(map(int, linked)) == set(range(1, len(process.moves) + 1))


@pytest.mark.parametrize("name", ["processes", "plan"])
def test_it_is_found_from_the_pages_about_procedures(client, sub_prefect, name):
    assert reverse("rights") in client.get(reverse(name)).text


# The words


def glossary():
    rows = (ROOT / "docs/glossary.md").read_text().splitlines()
    firsts = (row.split("|")[1] for row in rows if row.startswith("| "))
    return {word.strip() for first in firsts for word in re.split(r"[,(]", first)}


def test_every_word_is_in_the_glossary_of_the_code():
    assert set(terms.TERMS) <= glossary()


def test_a_word_opens_its_meaning_each_time_under_its_own_name(rf):
    template = Template('{% load look %}{% term "COPIL" %}, {% term "COPIL" %}.')

    text = template.render(Context({"request": rf.get("/")}))

    targets = re.findall(r'popovertarget="([^"]+)"', text)
    assert targets == re.findall(r'id="([^"]+)" popover', text)
    assert len(set(targets)) == 2
    assert "coprésidé" in text
    assert "</span>, <button" in text
    assert text.endswith("</span>.")


def test_a_word_that_nobody_defined_is_refused(rf):
    template = Template('{% load look %}{% term "abracadabra" %}')

    with pytest.raises(KeyError):
        template.render(Context({"request": rf.get("/")}))


def test_every_word_stands_on_the_page_of_the_glossary(client, sub_prefect):
    text = html.unescape(client.get(reverse("glossary")).text)

    for word in terms.TERMS:
        assert word[1:] in text
