"""Whoever answers for the versions carries cases over from a page; nobody else does."""

from uuid import uuid4

import pytest
from django.urls import reverse
from zeal import zeal_ignore

from erbm.desk import navigation
from erbm.desk.queries import transfers as queries
from flows.roles import Role
from tests.desk import scenes
from tests.library import lifecycle
from tests.library.factories import Town, fire
from tests.operations import factories
from tests.operations.forms import text_of
from workflow.models import Case, Event, Passage, Transfer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

WAY = "loan:1:2"
SAID = {
    "state.lent": "on_loan",
    "step.home": "reading",
    "keeps_signatures": "on",
    "reason": "Nouveau règlement.",
}


def administrator():
    body = factories.unit("direction-projet-erbm")
    return factories.person_of(body, Role.ADMINISTRATOR)


@pytest.fixture
def town():
    return Town()


@pytest.fixture
def director(client):
    person = scenes.director()
    client.force_login(person)
    return person


def address(name, *args):
    return reverse(name, args=args)


def prepare(client, way=WAY, **said):
    url = f"{address('new_transfer')}?passage={way}"
    return client.post(url, {"key": str(uuid4())} | SAID | said, follow=True)


def act(client, name, transfer):
    with zeal_ignore():  # each case in its transaction: so many queries are meant
        response = client.post(address(name, transfer.pk))
    return text_of(client.get(response.url))


def versions():
    return sorted(Case.objects.values_list("process_version", "state"))


def test_a_migration_is_prepared_tried_run_and_undone(client, director, town):
    town.loan_at("lent")
    town.loan_at("asked")

    page = text_of(prepare(client))
    transfer = Transfer.objects.get()
    assert transfer.planned_by == director
    assert "Prêt d’un livre : version 1 → version 2" in page
    assert "« Prêté » → En prêt" in page
    assert "Passerait : 2" in page
    assert "Faire passer les dossiers (2)" in page
    assert versions() == [(1, "asked"), (1, "lent")]

    page = act(client, "carry_transfer", transfer)
    assert "Passés : 2. Refusés : 0. Restent : 0." in page
    assert "Ramener à la version 1 (2)" in page
    assert versions() == [(2, "asked"), (2, "on_loan")]
    passed = Event.objects.filter(kind="migrated").first()
    assert (passed.actor, passed.role) == (director, Role.PROJECT_DIRECTOR)

    page = act(client, "undo_transfer", transfer)
    assert "Ramenés : 2. Ne peuvent l’être : 0." in page
    assert versions() == [(1, "asked"), (1, "lent")]
    assert "Ramené : 2" in page


def test_the_trial_says_of_each_case_why_it_would_not_pass(client, director, town):
    lent, asked = town.loan_at("lent"), town.loan_at("asked")

    page = text_of(prepare(client, **{"state.lent": ""}))

    assert "Refusé : 1 · Passerait : 1" in page
    assert f"{lent.case.reference} Refusé L’état « Prêté » n’a pas d’équivalent" in page
    assert f"{asked.case.reference} Passerait" in page
    page = act(client, "carry_transfer", Transfer.objects.get())
    assert "Passés : 1. Refusés : 1. Restent : 1." in page
    assert versions() == [(1, "lent"), (2, "asked")]


def test_a_migration_is_taken_up_where_it_stopped(client, director, town, monkeypatch):
    for _ in range(3):
        town.loan_at("asked")
    monkeypatch.setattr("erbm.desk.transfers.AT_ONCE", 2)
    prepare(client)
    transfer = Transfer.objects.get()

    first = act(client, "carry_transfer", transfer)
    second = act(client, "carry_transfer", transfer)

    assert "Passés : 2. Refusés : 0. Restent : 1." in first
    assert "Reprendre (1)" in first
    assert "Passés : 1. Refusés : 0. Restent : 0." in second


def test_a_case_that_has_changed_since_stays_where_it_is(client, director, town):
    loan = town.loan_at("asked")
    prepare(client)
    transfer = Transfer.objects.get()
    act(client, "carry_transfer", transfer)
    fire(
        loan,
        queries.way_of(WAY).after.move("refuse"),
        by=town.librarian,
        reason="Abîmé.",
    )

    page = act(client, "undo_transfer", transfer)

    assert "Ramenés : 0. Ne peuvent l’être : 1." in page
    assert "Le dossier a changé depuis son passage." in page


def test_a_case_that_moves_between_is_seen_by_a_new_trial(client, director, town):
    loan = town.loan_at("asked")
    prepare(client, **{"state.lent": ""})
    transfer = Transfer.objects.get()
    fire(loan, lifecycle.LEND, by=town.librarian, inputs={"until": "2026-03-20"})

    page = act(client, "try_transfer", transfer)

    assert "Essai fait. Passeraient : 0. Refusés : 1." in page
    assert Passage.objects.get().refusal.startswith("L’état « Prêté »")


def test_a_form_that_is_sent_twice_prepares_once(client, director, town):
    town.loan_at("lent")
    sent = {"key": str(uuid4())}

    first, second = prepare(client, **sent), prepare(client, **sent)

    assert Transfer.objects.count() == 1
    assert first.redirect_chain == second.redirect_chain


def test_cases_are_chosen_by_their_numbers(client, director, town):
    wanted, _ = town.loan_at("asked"), town.loan_at("asked")

    prepare(client, references=wanted.case.reference)

    assert Passage.objects.get().case == wanted.case


@pytest.mark.parametrize(("with_closed", "count"), [("", 1), ("on", 2)])
def test_what_is_over_stays_unless_one_asks(client, director, town, with_closed, count):
    town.loan_at("asked")
    town.loan_at("refused")

    prepare(client, with_closed=with_closed)

    assert Passage.objects.count() == count


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"reason": ""}, "obligatoire"),
        (
            {"references": "L-2026-99999"},
            "Ne suivent pas cette version : L-2026-99999.",
        ),
        ({"state.lent": "unheard"}, "unheard"),
    ],
)
def test_what_makes_no_sense_is_said_in_the_form(client, director, town, said, words):
    town.loan_at("asked")

    page = prepare(client, **said)

    assert page.status_code == 422
    assert words in text_of(page)
    assert not Transfer.objects.exists()


def test_nobody_prepares_more_than_one_waits_for(client, director, town, monkeypatch):
    town.loan_at("asked")
    monkeypatch.setattr("erbm.desk.transfers.MOST", 0)

    assert "dossiers au plus depuis cette page" in text_of(prepare(client))


def test_a_form_proposes_the_namesakes_and_asks_about_the_others(client, director):
    page = client.get(address("new_transfer"), {"passage": WAY})

    form = page.context["form"]
    assert form["state.asked"].initial == "asked"
    states, steps = form.groups
    assert [field.name for field in states[2]] == ["state.lent"]
    assert [field.name for field in steps[2]] == ["step.home"]


def test_the_list_leads_to_each_migration(client, director, town):
    town.loan_at("asked")
    prepare(client)

    page = client.get(address("transfers"))

    assert address("transfer", Transfer.objects.get().pk) in page.text
    assert "Nouveau règlement." in page.text


def test_as_long_as_there_is_one_version_the_page_says_so(
    client, director, monkeypatch
):
    monkeypatch.setattr(queries, "bound_processes", list)

    page = text_of(client.get(address("transfers")))

    assert "Chaque procédure n’a qu’une version" in page
    assert "Choisir les dossiers" not in page


def test_a_version_that_was_removed_leaves_its_migrations_readable(
    client, director, town, monkeypatch
):
    town.loan_at("asked")
    prepare(client)
    monkeypatch.setattr(queries, "bound_processes", list)

    page = text_of(client.get(address("transfer", Transfer.objects.get().pk)))

    assert "n’est plus installée" in page
    assert "Faire passer" not in page


def test_the_administrator_may_too(client, town):
    town.loan_at("asked")
    client.force_login(administrator())

    prepare(client)
    act(client, "carry_transfer", Transfer.objects.get())

    assert Event.objects.get(kind="migrated").role == Role.ADMINISTRATOR


@pytest.mark.parametrize("person", [scenes.owner, scenes.nobody, factories.auditor])
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_else_knows_of_them(client, town, person, method):
    town.loan_at("asked")
    client.force_login(scenes.director())
    prepare(client)
    transfer = Transfer.objects.get()
    client.force_login(person())

    pages = [address("transfers"), f"{address('new_transfer')}?passage={WAY}"]
    names = ("transfer", "try_transfer", "carry_transfer", "undo_transfer")
    pages += [address(name, transfer.pk) for name in names]
    for page in pages:
        assert getattr(client, method)(page, SAID).status_code in {404, 405}
    assert versions() == [(1, "asked")]


@pytest.mark.parametrize("name", ["carry_transfer", "undo_transfer", "try_transfer"])
def test_looking_moves_nothing(client, director, town, name):
    town.loan_at("asked")
    prepare(client)
    transfer = Transfer.objects.get()

    response = client.get(address(name, transfer.pk))

    assert response.url == address("transfer", transfer.pk)
    assert versions() == [(1, "asked")]


def test_a_migration_that_does_not_exist_is_not_found(client, director):
    for name in ("carry_transfer", "undo_transfer", "try_transfer"):
        assert client.post(address(name, 404)).status_code == 404
    assert client.get(address("transfer", 404)).status_code == 404
    assert client.get(address("new_transfer")).status_code == 404


@pytest.mark.parametrize(
    ("roles", "is_shown"),
    [
        ({Role.PROJECT_DIRECTOR}, True),
        ({Role.ADMINISTRATOR}, True),
        ({Role.OWNER, Role.LEAD_SERVICE, Role.AUDITOR}, False),
    ],
)
def test_the_menu_leads_there_those_in_charge_alone(roles, is_shown):
    pages = [
        link.label
        for entry in navigation.menu("/", roles)
        for link in getattr(entry, "links", (entry,))
    ]

    assert ("Migrations" in pages) is is_shown
