"""What the demonstration shows: every state, its people, and what is invented."""

import datetime
from collections import Counter

import pytest
from django.core import mail
from django.db.models import Sum
from django.utils import timezone

from erbm.accounts.models import User
from erbm.accounts.queries import demo_accounts
from erbm.committees.models import Body, Sitting
from erbm.communication.models import PublicEvent
from erbm.delivery.models import Phase, Photo
from erbm.demo.stories import NOTE
from erbm.grants.models import Figure, Grant
from erbm.obligations.models import Obligation
from erbm.operations.models import Kind, Operation, RequestedDocument
from erbm.programme.models import Campaign, Envelope, ServicePlan, Tagging
from erbm.scenarios.models import Scenario
from flows.grant.states import State as GrantState
from flows.operation import FINAL, READERS, State
from flows.roles import Role
from flows.sitting.lifecycle import State as Sat
from tests.demo.conftest import PASSWORD, TODAY
from workflow import engine, incidents, outbox
from workflow.models import (
    Batch,
    Case,
    Comment,
    Delegation,
    Draft,
    Event,
    Jurisdiction,
    Membership,
    Message,
    Outcome,
    SavedView,
    Substitution,
    Task,
)
from workflow.standing import memberships_of, visible_cases
from workflow.trail import verify

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("demonstration"),
    pytest.mark.sqlite,  # test_loading tells the whole of it on PostgreSQL
]


def cases():
    return Case.objects.filter(operation__isnull=False)


def operations():
    return list(Operation.objects.select_related("case", "cite", "owner"))


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("state", State)
def test_every_state_of_both_procedures_is_there(kind, state):
    assert Operation.objects.filter(kind=kind, case__state=state).exists()


def test_about_sixty_operations_lie_in_the_four_arrondissements_and_beyond():
    places = Counter(
        Jurisdiction.objects.filter(pk__in=cases().values("jurisdiction"))
        .values_list("code", flat=True)
        .order_by("code")
    )

    assert 55 <= cases().count() <= 75
    assert set(places) == {
        "arrondissement-arras",
        "arrondissement-bethune",
        "arrondissement-douai",
        "arrondissement-lens",
        "arrondissement-valenciennes",
    }


def test_all_that_happened_lies_in_a_plausible_past():
    at = Event.objects.order_by("at").values_list("at", flat=True)

    assert at.first() > datetime.datetime(2023, 1, 1, tzinfo=datetime.UTC)
    assert at.last() < TODAY
    assert all(moment.weekday() < 5 for moment in at)


@pytest.mark.slow  # a thousand events
def test_every_trail_verifies():
    assert [p for case in Case.objects.all() for p in verify.problems_of(case)] == []


def test_whatever_is_not_over_waits_for_somebody():
    waiting = set(Task.objects.open().values_list("case", flat=True))

    for case in cases():
        assert (case.pk in waiting) == (case.state not in FINAL)


def test_some_tasks_are_overdue_and_most_are_not():
    overdue, open_tasks = Task.objects.overdue(TODAY), Task.objects.open()

    assert overdue.count() >= 2
    assert overdue.count() < open_tasks.count() / 4
    assert open_tasks.filter(owner__isnull=False).count() >= 3


def open_at(state, step):
    return Task.objects.open().filter(case__state=state, step=step)


def test_the_situations_worth_showing_are_there():
    assert open_at(State.ARBITRATION, "arbitrate").count() >= 2
    assert open_at(State.UNDER_REVIEW, "opine").count() >= 4
    assert open_at(State.IN_PROGRESS, "visa").count() >= 2
    assert open_at(State.FUNDING, "abandonment").exists()
    assert open_at(State.SUSPENDED, "resume").exists()
    assert RequestedDocument.objects.filter(
        document=None, operation__case__state=State.INCOMPLETE
    ).exists()
    assert Event.objects.filter(move="refuse_visa").exists()
    assert Event.objects.filter(move="extend").exists()


def test_the_copil_awaits_one_co_chair_of_each():
    halves = [
        {signature.role for signature in case.signatures.filter(took_effect_by=None)}
        for case in Case.objects.filter(
            state=State.AWAITING_COPIL, awaits_signatures=True
        )
    ]

    assert {Role.COPIL_STATE} in halves
    assert {Role.COPIL_REGION} in halves


def test_what_is_invented_says_so_and_what_is_true_names_its_source():
    for operation in operations():
        assert operation.figures_note.startswith(NOTE)
        if operation.cite:
            assert operation.cite.source in operation.figures_note
            known = operation.cite.dwellings
            if "logements\u00a0:" in operation.figures_note:
                assert operation.dwellings_before == known


def test_plans_are_balanced_within_the_ceilings():
    for operation in operations():
        if operation.lines.exists():
            assert operation.financing_gap_cents() == 0
            assert operation.excessive_aid() == []


def test_subsidised_projects_cost_what_such_projects_cost():
    costs = [o.cost_cents for o in operations() if o.kind == Kind.SUBSIDY]

    assert min(costs) >= 40_000_00
    assert max(costs) <= 6_000_000_00


def test_nobody_is_written_to_about_a_past_that_never_was():
    assert not Message.objects.filter(done_at=None).exists()

    assert outbox.deliver(limit=10, at=TODAY + datetime.timedelta(days=1)) == 0
    assert mail.outbox == []


# The people


def test_there_is_an_account_for_each_role_that_the_procedures_know():
    held = set(
        Membership.objects.filter(user__in=demo_accounts()).values_list(
            "role", flat=True
        )
    )

    assert held == set(Role.values)


def test_each_sous_prefecture_is_headed_by_its_sub_prefect():
    heads = Membership.objects.filter(
        unit__code__startswith="sous-prefecture", is_head=True
    )

    assert set(heads.values_list("role", flat=True)) == {Role.SUB_PREFECT}
    assert heads.count() == 4


def test_the_sub_prefect_of_lens_is_away_and_that_of_bethune_acts():
    [absence] = Substitution.objects.on(TODAY.date())

    assert str(absence.principal) == "Hélène Marchand-Rivière"
    held = memberships_of(absence.substitute, TODAY.date())
    assert {(m.unit.code, bool(m.principal)) for m in held} == {
        ("sous-prefecture-bethune", False),
        ("sous-prefecture-lens", True),
    }


def test_people_write_to_each_other_and_share_their_work():
    question, answer = Comment.objects.order_by("at")
    assert [m.user for m in question.mentions.all()] == [answer.author]

    asked = Delegation.objects.awaited().get()
    assert (asked.to_unit.code, asked.task.label) == (
        "udap-62",
        "Vérifier que le dossier est complet",
    )
    assert SavedView.objects.get().unit.code == "sous-prefecture-lens"


def test_a_draft_is_shared_and_a_batch_has_its_report():
    draft = Draft.objects.get(user__email="sp-lens@demo.example")
    assert draft.is_shared
    assert draft.values["report"]

    batch = Batch.objects.get(by__email="ddtm-59@demo.example")
    outcomes = set(batch.items.values_list("outcome", flat=True))
    assert batch.finished_at is not None
    assert outcomes == {Outcome.MADE, Outcome.REFUSED}


def test_accounts_open_with_the_password_shown_and_extras_never():
    accounts = set(demo_accounts())

    assert len(accounts) >= 25
    assert next(iter(accounts)).check_password(PASSWORD)
    assert all(account.has_usable_password() for account in accounts)
    extras = [user for user in User.objects.all() if user not in accounts]
    assert extras
    assert not any(user.has_usable_password() for user in extras)


def test_each_account_has_something_to_see_but_the_administrator():
    for account in demo_accounts():
        held = list(account.memberships.select_related("unit"))
        sees = visible_cases(held).count()
        only_administers = {m.role for m in held} == {Role.ADMINISTRATOR}
        assert bool(sees) != only_administers, account


def test_readers_of_one_arrondissement_read_no_other():
    account = User.objects.get(email="sous-prefet-lens@demo.example")

    seen = visible_cases(account.memberships.select_related("unit"))

    assert set(seen.values_list("jurisdiction__code", flat=True)) == {
        "arrondissement-lens"
    }
    whole = {"auditor", "project_director", "funder", "copil_state", "copil_region"}
    everywhere = Membership.objects.filter(
        user__in=demo_accounts(), role__in=READERS, jurisdiction=None
    )
    assert set(everywhere.values_list("role", flat=True)) == {
        *whole,
        "committee_member",
        "committee_secretary",  # the project director, for the COPIL
    }


def test_no_task_of_the_demonstration_waits_for_a_role_that_nobody_holds():
    found = incidents.contradictions(at=TODAY)

    assert [
        one.message for one in found if "que personne n’y tient" in one.message
    ] == []


@pytest.mark.parametrize("account", ["auditeur", "administrateur"])
def test_the_auditor_and_the_administrator_move_nothing(account):
    by = User.objects.get(email=f"{account}@demo.example")

    for operation in operations()[::9]:
        prospects = engine.prospects(operation.process, operation.pk, by=by, at=TODAY)
        assert not any(prospect.is_open for prospect in prospects)


def test_documents_say_that_they_are_worth_nothing():
    document = Operation.objects.get(source_id="demo-agache").documents.first()

    content = document.file.read()

    assert content.startswith(b"%PDF-")
    assert "DÉMONSTRATION".encode("cp1252") in content


def test_the_credits_of_next_year_are_shared_and_one_scenario_is_adopted():
    year = TODAY.year + 1
    drawn, adopted = Scenario.objects.with_envelope().order_by("pk")

    assert (drawn.state, adopted.state) == ("draft", "adopted")
    for scenario in (drawn, adopted):
        assert scenario.shares.chosen().exists()
        assert scenario.shares.filter(granted_cents=0).exists()
    assert adopted.envelope.year == year
    given = sum(share.granted_cents for share in adopted.shares.all())
    assert adopted.envelope.reserved_cents == given > 0
    assert adopted.envelope.free_cents >= 0
    assert Envelope.objects.filter(year=year, level="arrondissement").exists()


def test_grants_are_shown_in_every_state():
    states = set(Grant.objects.values_list("case__state", flat=True))

    assert states == set(GrantState)


def test_each_figure_of_an_envelope_is_that_of_its_grants_and_reservations():
    for envelope in Envelope.objects.all():
        waiting = envelope.reservations.aggregate(cents=Sum("cents", default=0))
        for figure in Figure:
            grants = Grant.objects.holding(figure).filter(envelope=envelope)
            held = sum(grants.values_list("held_cents", flat=True))
            if figure == Figure.RESERVED:
                held += waiting["cents"]
            assert held == getattr(envelope, f"{figure}_cents"), (envelope, figure)


def test_every_body_has_sat_and_will_sit_and_one_sits_today():
    held = Sitting.objects.filter(held_on__lt=TODAY, case__state=Sat.PUBLISHED)
    to_come = Sitting.objects.filter(held_on__gt=TODAY, case__state=Sat.PLANNED)
    bodies = set(Body.objects.values_list("code", flat=True))

    assert {one.body.code for one in to_come} == bodies
    assert len({one.body.code for one in held}) >= 3
    assert all(one.minutes_number for one in held)
    [open_one] = Sitting.objects.filter(case__state=Sat.OPEN)
    assert open_one.held_on == TODAY.date()
    assert open_one.count().is_met
    assert open_one.decided_items()


def test_conditions_were_accepted_and_lie_in_several_states():
    states = set(Obligation.objects.values_list("case__state", flat=True))

    assert states == {"open", "reported", "met", "waived"}
    assert Obligation.objects.filter(decision__contains="COMITE-").exists()
    assert Obligation.objects.overdue(TODAY.date()).exists()
    assert any(one.is_postponed for one in Obligation.objects.all())


def test_works_show_their_phases_their_pictures_and_what_they_bring():
    running = Operation.objects.filter(case__state=State.IN_PROGRESS)

    planned = running.filter(phases__planned_from=None).distinct()
    assert planned.filter(documents__photo__isnull=False).exists()
    assert Phase.objects.filter(forecast_to__isnull=False).exists()
    first = Photo.objects.order_by("pk").first().document
    assert first.file.read().startswith(b"\x89PNG")
    assert running.filter(insertion_hours__gt=0, households_rehoused__gt=0).exists()
    announced = PublicEvent.objects.all()
    assert announced.filter(starts_at__gt=TODAY).exists()
    assert announced.filter(starts_at__lt=TODAY).exists()


def test_campaigns_tags_and_what_services_plan_are_there():
    assert Campaign.objects.count() == 2
    tagged = set(Tagging.objects.values_list("tag__code", flat=True))
    assert {"crte", "cper", "relance"} <= tagged
    assert ServicePlan.objects.filter(year=TODAY.year).count() == 3


def test_the_review_of_last_year_is_one_click_away(client):
    client.force_login(User.objects.get(email="directeur-projet@demo.example"))
    year = timezone.localdate().year - 1

    page = client.get("/bilans/").text

    assert f"Bilan {year} en PDF" in page
    sent = {"until": f"{year}-12-31", "wanted": "bilan.pdf"}
    assert f'value="{year}-12-31"' in page
    given = client.post("/bilans/telecharger/", sent)
    assert given.content.startswith(b"%PDF")
    assert f"{year}" in given["Content-Disposition"]
