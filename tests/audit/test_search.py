"""Auditors search the trail; nobody else does, and they only where they may look."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from erbm.desk import commands as desk
from flows.operation import State
from flows.roles import Role
from tests.audit.pages import events, page, text
from tests.desk import scenes
from tests.intruder import guards_down
from tests.operations import factories
from tests.operations.factories import fire, operation_at, person
from tests.workflow.test_sealing import seal
from workflow.models import Event, Jurisdiction, Membership
from workflow.trail import erasure

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def operation():
    return operation_at(State.UNDER_REVIEW)


def places(**criteria):
    """Return where the events that answer are, the latest first."""
    found = Event.objects.filter(**criteria).order_by("-at", "-id")
    return list(found.values_list("case__reference", "seq"))


@pytest.mark.parametrize("who", [scenes.owner, scenes.director, scenes.nobody])
def test_nobody_else_knows_of_it(client, who):
    client.force_login(who())

    assert client.get(reverse("audit:search")).status_code == 404
    assert "Audit" not in client.get(reverse("plan")).text


def test_an_auditor_starts_there(client, auditor):
    assert client.get(reverse("home")).url == reverse("audit:search")
    assert f'href="{reverse("audit:search")}"' in client.get(reverse("plan")).text


def test_the_latest_events_come_first_with_all_that_one_asks_of_them(
    client, auditor, operation
):
    seal()
    by = person(operation, Role.LEAD_SERVICE)
    fire(operation, "suspend", by=by, reason="Recours d’un riverain.")

    rows = page(client, "search").context["rows"]
    said = text(client, "search")

    assert [(r.event.case.reference, r.event.seq) for r in rows] == places()[:20]
    assert f"{by}, service instructeur chef de file" in said
    assert "Recours d’un riverain." in said
    assert bytes(rows[0].event.hash).hex()[:12] in said
    assert "En attente de sceau" in said
    size = Event.objects.count()  # the key has a leaf, the last event has none yet
    assert f"Scellé : feuille {size - 1}, point de contrôle de taille {size}" in said


def test_a_person_is_found_as_author_and_as_the_one_acted_for(
    client, auditor, operation
):
    lead = person(operation, Role.LEAD_SERVICE)
    deputy = factories.person_of(factories.unit("sia-habitat"), Role.OWNER, "sacha")
    today = timezone.localdate()
    absence = desk.Absence(
        principal=lead, substitute=deputy, first_day=today, last_day=today
    )
    desk.substitute(absence=absence, by=lead, at=timezone.now())
    at = timezone.now()
    fire(operation, "suspend", by=deputy, at=at, **factories.WHY)

    by_her = events(client, person=lead.pk)

    assert by_her == sorted(
        {*places(actor=lead), *places(principal=lead)}, key=lambda p: -p[1]
    )
    assert by_her[0] == places(actor=deputy)[0]
    assert f"{deputy} pour {lead}" in text(client, "search", person=deputy.pk)


def test_a_name_leads_to_the_person_and_leaves_the_address(client, auditor, operation):
    lead = person(operation, Role.LEAD_SERVICE)

    response = client.get(
        reverse("audit:search"), {"name": lead.email, "since": "2026-01-01"}
    )

    assert response.status_code == 302
    assert f"person={lead.pk}" in response.url
    assert "since=2026-01-01" in response.url
    assert "name" not in response.url


def test_a_name_that_several_have_asks_which(client, auditor, operation):
    said = page(client, "search", name="camille").context["people"]

    assert len(said) > 1
    assert "rows" not in page(client, "search", name="camille").context
    assert "Personne ne porte ce nom" in text(client, "search", name="Zénobie")


@pytest.mark.parametrize(
    ("said", "criteria"),
    [
        ({"act": "geste.submit"}, {"move": "submit"}),
        ({"act": "nature.opening"}, {"kind": "opening"}),
        ({"unit": "maisons-et-cites"}, {"unit__code": "maisons-et-cites"}),
        ({"kind": "rehabilitation"}, {}),
        ({"until": "2026-02-02"}, {"at__lt": factories.START + factories.DAY / 2}),
        (
            {"since": "2026-02-03", "act": "geste.submit"},
            {"move": "submit", "at__gt": factories.START},
        ),
    ],
)
def test_filters_leave_the_rest_out(client, auditor, operation, said, criteria):
    assert events(client, **said) == places(**criteria)[:20] != []


def test_a_case_is_found_by_its_reference_however_written(client, auditor, operation):
    other = operation_at(State.DRAFT)
    reference = operation.case.reference

    found = events(client, reference=f" {reference.lower()} ")

    assert {case for case, _ in found} == {reference}
    assert {case for case, _ in events(client)} == {reference, other.case.reference}
    assert events(client, kind="subsidy") == []


def test_nothing_found_says_what_to_do(client, auditor, operation):
    assert "Élargissez la période" in text(client, "search", reference="R-2020-00001")


def test_a_period_that_ends_before_it_begins_is_refused(client, auditor, operation):
    said = text(client, "search", since="2026-03-01", until="2026-02-01")

    assert "finit avant de commencer" in said


def test_all_pages_together_hold_each_event_once(client, auditor, operation):
    seen, url = [], reverse("audit:search")
    while url:
        context = client.get(url).context
        seen += [(r.event.case.reference, r.event.seq) for r in context["rows"]]
        url = context["next_url"]

    assert seen == places()


def test_an_auditor_of_a_jurisdiction_sees_no_other(client, operation):
    person = factories.auditor()
    elsewhere = Jurisdiction.objects.exclude(pk=operation.case.jurisdiction_id)[0]
    Membership.objects.filter(user=person).update(jurisdiction=elsewhere)
    client.force_login(person)

    assert events(client) == []
    assert "Le journal est vide" in text(client, "search")
    case = reverse("audit:case", args=[operation.case.reference])
    assert client.get(case).status_code == 404
    Membership.objects.filter(user=person).update(
        jurisdiction=operation.case.jurisdiction
    )
    assert events(client) != []
    assert client.get(case).status_code == 200


def test_an_auditor_of_yesterday_sees_nothing_today(client, auditor):
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    Membership.objects.filter(user=auditor).update(ends_on=yesterday)

    assert client.get(reverse("audit:search")).status_code == 404


def test_erased_texts_say_when_and_on_what_ground(client, auditor, operation):
    first = Event.objects.filter(case=operation.case).earliest("seq")
    erasure.erase_texts(
        case_id=operation.case.pk,
        seqs=[first.seq],
        basis="RGPD, art. 17",
        reason="Demandé.",
        by=auditor,
        at=timezone.now(),
    )

    assert "au titre de RGPD, art. 17" in text(client, "search", act="nature.opening")


def test_an_event_that_was_altered_is_shown_all_the_same(client, auditor, operation):
    event = Event.objects.filter(case=operation.case, move="submit").get()
    with guards_down():
        Event.objects.filter(pk=event.pk).update(body="{")

    said = text(client, "search", act="geste.submit")

    assert "Événement illisible" in said
    assert str(event.actor) in said


def test_it_costs_the_same_however_many(
    client, auditor, operation, django_assert_max_num_queries
):
    operation_at(State.AWAITING_COPIL)
    seal()
    params = {"person": auditor.pk, "act": "geste.submit"}
    page(client, "search", **params)
    with django_assert_max_num_queries(18) as none:
        page(client, "search", **params)

    with django_assert_max_num_queries(18) as many:
        assert len(events(client)) == 20

    assert len(many) <= len(none) + 3
