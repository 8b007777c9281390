"""Who is told what in the application, and why it is her."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from erbm.desk import commands
from flows.operation import State
from flows.roles import Role
from tests.operations.factories import (
    WHY,
    fire,
    operation_at,
    person,
    person_of,
    unit,
)
from workflow import delegations, escalations, notices, outbox
from workflow.models import (
    Conflict,
    Event,
    Follow,
    Membership,
    Message,
    Notice,
    Substitution,
    Task,
)
from workflow.models.notices import Reason, Topic

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

LATER = datetime.datetime(2040, 1, 1, tzinfo=datetime.UTC)


def delivered():
    outbox.deliver(limit=200, at=LATER)
    assert not Message.objects.filter(done_at=None).exists()


def notices_after(operation, name, role, **said):
    """Make a move, and return what people are told of it in the application."""
    Message.objects.update(done_at=timezone.now())
    fire(operation, name, by=person(operation, role), **said)
    delivered()
    return Notice.objects.order_by("pk").select_related("case", "unit", "principal")


def said_to(user, found):
    return [(one.topic, one.reason) for one in found if one.user == user]


@pytest.fixture
def draft():
    operation = operation_at(State.DRAFT)
    person(operation, Role.LEAD_SERVICE)
    return operation


def follow(user, operation):
    Follow.objects.create(user=user, case=operation.case, since=timezone.now())
    return user


def substitute(away, deputy, **limits):
    today = timezone.localdate()
    Substitution.objects.create(
        principal=away,
        substitute=deputy,
        first_day=today,
        last_day=today,
        set_by=away,
        set_at=timezone.now(),
        **limits,
    )


# Who, and why


def test_the_people_of_the_unit_that_is_asked_are_told_as_what(draft):
    lead = person(draft, Role.LEAD_SERVICE)

    [notice] = notices_after(draft, "submit", Role.OWNER).filter(user=lead)

    task = draft.case.tasks.get(step="check")
    assert (notice.topic, notice.reason, notice.task) == ("asked", "role", task)
    assert notice.text.startswith("Vérifier que le dossier est complet, avant le ")
    assert notices.why(notice) == "vous êtes service instructeur chef de file, DDTM 62"


def test_nobody_is_told_of_what_she_did_herself(draft):
    found = notices_after(draft, "submit", Role.OWNER)

    assert found
    assert said_to(person(draft, Role.OWNER), found) == []


def test_who_stands_in_for_somebody_is_told_for_whom(draft):
    lead = person(draft, Role.LEAD_SERVICE)
    deputy = person_of(unit("ddtm-59"), Role.CONSULTED, "deputy")
    substitute(lead, deputy)

    [notice] = notices_after(draft, "submit", Role.OWNER).filter(user=deputy)

    assert notice.principal == lead
    assert notices.why(notice).startswith(f"vous suppléez {lead} (")


@pytest.mark.parametrize("limits", [{"processes": ["subsidy"]}, {"unit": "ddtm-59"}])
def test_a_substitute_is_not_told_beyond_the_substitution(draft, limits):
    deputy = person_of(unit("ddtm-59"), Role.CONSULTED, "deputy")
    limits = {k: unit(v) if k == "unit" else v for k, v in limits.items()}
    substitute(person(draft, Role.LEAD_SERVICE), deputy, **limits)

    assert said_to(deputy, notices_after(draft, "submit", Role.OWNER)) == []


def test_who_follows_is_told_as_long_as_she_may_know_of_it(draft):
    director = follow(
        person_of(unit("direction-projet-erbm"), Role.PROJECT_DIRECTOR), draft
    )
    former = follow(
        person_of(unit("direction-projet-erbm"), Role.PROJECT_DIRECTOR, "former"), draft
    )
    Membership.objects.filter(user=former).update(ends_on=datetime.date(2025, 1, 1))

    found = notices_after(draft, "submit", Role.OWNER)

    assert said_to(director, found) == [(Topic.DECISION, Reason.FOLLOWS)]
    assert said_to(former, found) == []
    [notice] = found.filter(user=director)
    assert notice.text == "Déposer l’opération\u00a0: proposée"


def test_one_is_told_once_of_an_event_by_the_strongest_reason(draft):
    lead = follow(person(draft, Role.LEAD_SERVICE), draft)

    found = notices_after(draft, "submit", Role.OWNER)

    assert said_to(lead, found) == [(Topic.ASKED, Reason.ROLE)]


def test_the_owner_is_told_what_becomes_of_its_operation(draft):
    fire(draft, "submit", by=person(draft, Role.OWNER))
    owner = person(draft, Role.OWNER)

    found = notices_after(draft, "withdraw", Role.OWNER, **WHY)
    assert said_to(owner, found) == []

    colleague = person_of(draft.owner, Role.OWNER, "alix")
    Message.objects.filter(event__move="withdraw").update(done_at=None)
    delivered()
    assert (Topic.OUTCOME, Reason.ROLE) in said_to(colleague, found.all())


def test_who_leads_is_told_of_what_others_decide():
    operation = operation_at(State.UNDER_REVIEW)
    lead = person(operation, Role.LEAD_SERVICE)

    found = notices_after(operation, "withdraw", Role.OWNER, **WHY)

    assert (Topic.DECISION, Reason.ROLE) in said_to(lead, found)


def test_whom_a_conflict_keeps_away_is_asked_nothing(draft):
    lead = person(draft, Role.LEAD_SERVICE)
    Conflict.objects.create(
        case=draft.case, user=lead, declared_by=Event.objects.order_by("pk")[0]
    )

    assert said_to(lead, notices_after(draft, "submit", Role.OWNER)) == []


@pytest.mark.parametrize("rung", range(3))
def test_each_rung_tells_those_whom_it_names(rung):
    operation = operation_at(State.UNDER_REVIEW)
    task = operation.case.tasks.get(step="review")
    lead = person(operation, Role.LEAD_SERVICE)
    arbiter = person(operation, Role.SUB_PREFECT)
    head = person_of(task.unit, Role.LEAD_SERVICE, "head")
    Membership.objects.filter(user=head).update(is_head=True, role=Role.CONSULTED)
    at = task.flow_task.ladder[rung].rings_at(task.due_at)
    Task.objects.exclude(pk=task.pk).update(next_ring_at=None)
    Task.objects.filter(pk=task.pk).update(rung=rung, next_ring_at=at)
    Message.objects.update(done_at=timezone.now())

    escalations.sweep(at=at)
    delivered()

    found = Notice.objects.all()
    assert {(one.user, one.reason) for one in found} == [
        {(lead, Reason.ROLE)},
        {(head, Reason.HEADS)},
        {(arbiter, Reason.ROLE)},
    ][rung]
    assert {one.topic for one in found} == {Topic.DUE}


def test_what_is_delivered_again_is_told_once(draft):
    notices_after(draft, "submit", Role.OWNER)
    before = list(Notice.objects.values_list("pk", "key"))

    Message.objects.filter(event__move="submit").update(done_at=None)
    delivered()

    assert list(Notice.objects.values_list("pk", "key")) == before


# The page


@pytest.fixture
def lead(draft, client):
    user = person(draft, Role.LEAD_SERVICE)
    notices_after(draft, "submit", Role.OWNER)
    client.force_login(user)
    return user


def test_the_page_says_what_and_why_with_a_link(client, lead, draft):
    text = client.get(reverse("notices")).text

    assert "Vérifier que le dossier est complet" in text
    assert "parce que vous êtes service instructeur chef de file, DDTM 62" in text
    assert reverse("operations:detail", args=[draft.pk]) in text


def test_what_is_read_is_counted_no_more(client, lead):
    assert '1<span class="fr-sr-only"> non lues' in client.get("/taches/").text

    response = client.post(reverse("read_notices"), follow=True)

    assert "Tout est marqué comme lu." in response.text
    assert "Vous avez tout lu" in response.text
    assert "non lues" not in client.get("/taches/").text
    assert "Vérifier que" in client.get(reverse("notices"), {"tout": "1"}).text


def test_one_reads_a_case_and_never_for_somebody_else(client, lead, draft):
    other = person_of(unit("ddtm-62"), Role.LEAD_SERVICE, "other")
    client.force_login(other)
    client.post(reverse("read_case_notices", args=[draft.pk]))
    assert Notice.objects.unread().filter(user=lead).count() == 1

    client.force_login(lead)
    client.post(reverse("read_case_notices", args=[draft.pk]))
    assert not Notice.objects.unread().filter(user=lead).exists()


def test_what_one_may_know_no_more_is_neither_shown_nor_counted(client, lead, draft):
    Membership.objects.filter(user=lead).update(ends_on=datetime.date(2025, 1, 1))

    text = client.get(reverse("notices"), {"tout": "1"}).text

    assert draft.case.reference not in text
    assert "non lues" not in text


def test_the_count_stops_where_nobody_needs_to_know(client, lead, draft):
    [seed] = Notice.objects.filter(user=lead)
    for number in range(120):
        seed.pk, seed.key = None, f"more.{number}"
        seed.save(force_insert=True)

    assert "99+<span" in client.get("/taches/").text


def test_the_page_costs_the_same_whatever_it_shows(
    client, lead, draft, django_assert_max_num_queries
):
    [seed] = Notice.objects.filter(user=lead)
    with django_assert_max_num_queries(8) as one:
        client.get(reverse("notices"))
    for number in range(30):
        seed.pk, seed.key = None, f"more.{number}"
        seed.save(force_insert=True)
    with django_assert_max_num_queries(len(one)):
        client.get(reverse("notices"))


# What people ask of one another


def test_a_preparation_is_told_to_whom_it_is_asked_of_and_comes_back(draft):
    owner = person(draft, Role.OWNER)
    colleague = person_of(draft.owner, Role.OWNER, "alix")
    task = draft.case.tasks.get(step="prepare")
    Message.objects.update(done_at=timezone.now())
    asked = commands.delegate(
        task_id=task.pk,
        request=delegations.Request(to=colleague, instructions="Vérifier le plan."),
        by=owner,
        at=timezone.now(),
    )
    delivered()
    [notice] = Notice.objects.filter(user=colleague)
    assert (notice.topic, notice.reason) == (Topic.PREPARATION, Reason.ENTRUSTED)
    assert not Notice.objects.filter(user=owner).exists()

    commands.hand_back(
        delegation_id=asked.pk, answer="C’est fait.", by=colleague, at=timezone.now()
    )
    delivered()
    [notice] = Notice.objects.filter(user=owner)
    assert notices.why(notice) == "vous l’aviez demandé"
    assert notice.text.endswith(f"réponse préparée par {colleague}")
