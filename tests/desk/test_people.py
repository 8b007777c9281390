"""Absences, the page of a unit, tasks that are shared: through their screens."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from erbm.desk import commands
from flows.roles import Role
from tests.desk import scenes
from tests.operations import factories
from workflow import claims
from workflow.models import Delegation, Membership, Substitution, Task
from workflow.substitutions import Absence

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

DAY = datetime.timedelta(days=1)


@pytest.fixture
def owner(client):
    person = scenes.owner()
    client.force_login(person)
    return person


@pytest.fixture
def task():
    return scenes.task_of(scenes.opened(title="Cité du Bois")[0])


@pytest.fixture
def expert():
    return factories.person_of(factories.unit("dreal"), Role.CONSULTED, "elsa")


def unit():
    return factories.unit("maisons-et-cites")


def heads(person):
    Membership.objects.filter(user=person).update(is_head=True)
    return person


def asked(deputy, **said):
    today = timezone.localdate()
    return {
        "email": deputy.email,
        "first_day": str(today),
        "last_day": str(today + DAY),
        **said,
    }


def stands_in(deputy, principal):
    today = timezone.localdate()
    absence = Absence(
        principal=principal, substitute=deputy, first_day=today, last_day=today
    )
    return commands.substitute(absence=absence, by=principal, at=timezone.now())


def delegated(task, to, by):
    return commands.delegate(
        task_id=task.pk,
        request=commands.Request(to=to, instructions="Relire le plan."),
        by=by,
        at=timezone.now(),
    )


# Absences


def test_one_designates_who_acts_meanwhile(client, owner, expert):
    page = client.post(reverse("absences"), asked(expert), follow=True)

    assert f"{expert} agira pour {owner}" in page.text
    kept = Substitution.objects.get()
    assert (kept.principal, kept.substitute, kept.unit) == (owner, expert, None)


def test_a_colleague_is_chosen_in_a_list(client, owner):
    colleague = scenes.colleague()

    client.post(reverse("absences"), asked(owner, email="", substitute=colleague.pk))

    assert Substitution.objects.get().substitute == colleague


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"email": "nobody@x.example"}, "Personne n’a cette adresse."),
        ({"email": ""}, "Choisissez quelqu’un."),
        ({"first_day": "2020-01-01"}, "ne commence pas dans le passé"),
        ({"processes": ["unheard"]}, "unheard"),
    ],
)
def test_what_makes_no_sense_is_said_beside_the_form(
    client, owner, expert, said, reason
):
    page = client.post(reverse("absences"), asked(expert) | said)

    assert page.status_code == 422
    assert reason in page.text
    assert not Substitution.objects.exists()


def test_one_revokes_from_the_page(client, owner, expert):
    running = stands_in(expert, owner)
    assert reverse("revoke", args=[running.pk]) in client.get(reverse("absences")).text

    client.post(reverse("revoke", args=[running.pk]), {"next": reverse("absences")})

    assert "Révoquée par" in client.get(reverse("absences")).text
    running.refresh_from_db()
    assert running.revoked_by == owner


def test_a_substitute_revokes_nothing(client, owner, expert):
    running = stands_in(owner, expert)

    assert client.post(reverse("revoke", args=[running.pk])).status_code == 404
    assert Substitution.objects.standing().exists()


def test_a_substitute_finds_the_tasks_marked(client, task, expert):
    stands_in(expert, scenes.owner())
    client.force_login(expert)

    page = client.get(reverse("inbox"), {"box": "units"}).text

    assert f"Vous agissez pour <strong>{scenes.owner()}</strong>" in page
    assert f"pour {scenes.owner()}</strong></span>" in page
    operation = client.get(reverse("operations:detail", args=[task.case_id])).text
    assert f"Vous y répondez <strong>pour {scenes.owner()}</strong>" in operation


def test_who_is_no_longer_away_lends_nothing_on_any_screen(client, task, expert):
    Substitution.objects.create(
        principal=scenes.owner(),
        substitute=expert,
        first_day=timezone.localdate() - 2 * DAY,
        last_day=timezone.localdate() - DAY,
        set_by=scenes.owner(),
        set_at=timezone.now(),
    )
    client.force_login(expert)

    assert (
        client.get(reverse("operations:detail", args=[task.case_id])).status_code == 404
    )
    assert client.post(reverse("claim_task", args=[task.pk])).status_code == 404


# The page of a unit


def test_the_page_of_a_unit_is_for_its_people(client, owner):
    colleague = heads(scenes.colleague())
    page = client.get(reverse("own_unit"), follow=True).text

    assert str(colleague) in page
    assert "Responsable" in page
    other = factories.unit("dreal")
    assert client.get(reverse("unit", args=[other.pk])).status_code == 404


def test_a_head_sets_the_absence_of_a_member(client, owner, expert):
    colleague = scenes.colleague()
    heads(owner)

    client.post(
        reverse("unit", args=[unit().pk]), asked(expert, principal=colleague.pk)
    )

    kept = Substitution.objects.get()
    assert (kept.principal, kept.unit, kept.set_by) == (colleague, unit(), owner)
    page = client.get(reverse("unit", args=[unit().pk])).text
    assert f"{expert} agit en son nom" in page


def test_a_member_who_is_no_head_sets_nothing(client, owner, expert):
    colleague = scenes.colleague()
    said = asked(expert, principal=colleague.pk)

    assert client.post(reverse("unit", args=[unit().pk]), said).status_code == 404
    assert not Substitution.objects.exists()


def test_who_belongs_to_no_unit_is_told_so(client):
    client.force_login(scenes.nobody())

    assert "Vous n’appartenez à aucune unité" in client.get(reverse("own_unit")).text


# Sharing


def test_who_is_alone_is_told_so(client, owner, task):
    Membership.objects.filter(unit=unit()).exclude(user=owner).delete()
    claims.claim(task_id=task.pk, by=owner, at=timezone.now())

    text = client.get(reverse("share_task", args=[task.pk])).text

    assert "Personne d’autre ne tient ce rôle" in text
    assert "Donner la tâche" not in text


def test_a_task_is_given_to_a_colleague(client, owner, task):
    colleague = scenes.colleague()

    client.post(
        reverse("share_task", args=[task.pk]),
        {"intent": "assign", "to": colleague.pk},
    )

    assert Task.objects.get(pk=task.pk).owner == colleague


def test_a_task_is_not_given_outside_the_unit(client, owner, task, expert):
    page = client.post(
        reverse("share_task", args=[task.pk]), {"intent": "assign", "to": expert.pk}
    )

    assert page.status_code == 422
    assert Task.objects.get(pk=task.pk).owner is None


def test_a_task_of_others_is_not_shared(client, task, expert):
    client.force_login(expert)

    assert client.get(reverse("share_task", args=[task.pk])).status_code == 404


def test_an_answer_is_prepared_and_comes_back(client, owner, task, expert):
    client.post(
        reverse("share_task", args=[task.pk]),
        {
            "intent": "delegate",
            "unit": factories.unit("dreal").pk,
            "instructions": "Relire le plan.",
        },
    )
    waiting = Delegation.objects.get()
    client.force_login(expert)
    assert reverse("prepare", args=[waiting.pk]) in client.get(reverse("inbox")).text
    sheet = reverse("operations:detail", args=[task.case_id])
    assert client.get(sheet).status_code == 200

    client.post(reverse("prepare", args=[waiting.pk]), {"answer": "Il tient."})

    assert client.get(sheet).status_code == 404
    client.force_login(owner)
    page = client.get(sheet).text
    assert f"Préparé par {expert}" in page
    assert "Il tient." in page


def test_what_is_prepared_is_for_one_or_the_other(client, owner, task, expert):
    page = client.post(
        reverse("share_task", args=[task.pk]),
        {"intent": "delegate", "instructions": "Relire."},
    )

    assert page.status_code == 422
    assert "Choisissez une personne ou une unité." in page.text


def test_what_another_was_asked_is_not_found(client, owner, task, expert):
    waiting = delegated(task, expert, owner)

    assert client.get(reverse("prepare", args=[waiting.pk])).status_code == 404


def test_a_preparation_is_withdrawn_from_the_operation(client, owner, task, expert):
    waiting = delegated(task, expert, owner)
    address = reverse("withdraw_delegation", args=[waiting.pk])
    client.force_login(expert)
    assert client.post(address).status_code == 404
    client.force_login(owner)
    sheet = reverse("operations:detail", args=[task.case_id])
    assert address in client.get(sheet).text

    client.post(address)

    assert f"En préparation chez {expert}" not in client.get(sheet).text
