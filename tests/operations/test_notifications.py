"""Who is written to after a move, and what the letter says."""

import datetime

import pytest
from django.core import mail
from django.utils import timezone

from erbm.operations import notifications
from erbm.operations.models import Kind
from erbm.organisations.models import Organisation
from flows.operation import State
from flows.roles import Role
from tests.operations.factories import (
    COMMITTEE_DAY,
    DAY,
    WHY,
    fire,
    operation_at,
    people,
    person,
    person_of,
    unit,
)
from workflow import outbox
from workflow.models import (
    Event,
    EventText,
    Jurisdiction,
    Membership,
    Message,
    Substitution,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

COMPLETE = {"early_start": "none"}
LATER = datetime.datetime(2040, 1, 1, tzinfo=datetime.UTC)  # walks may end in 2028


def letters_after(operation, name, role, **said):
    """Make a move, and return the letters that it sends."""
    Message.objects.update(done_at=timezone.now())
    fire(operation, name, by=person(operation, role), **said)
    return sent()


def sent():
    mail.outbox.clear()
    outbox.deliver(limit=200, at=LATER)
    assert not Message.objects.filter(done_at=None).exists()
    return list(mail.outbox)


def to(letters, role):
    """Keep the letters written to the people of a role."""
    return [x for x in letters if any(a.startswith(f"{role}.") for a in x.to)]


def test_the_unit_that_is_asked_is_told_what_where_and_until_when(settings):
    settings.BASE_URL = "https://erbm.example"
    operation = operation_at(State.DRAFT)
    people(operation, Role.LEAD_SERVICE)

    letters = letters_after(operation, "submit", Role.OWNER)

    [letter] = to(letters, "lead-service")
    assert letter.to == ["lead-service.ddtm-62@example.org"]
    assert letter.subject == (
        f"{operation.case.reference}\u00a0: Vérifier que le dossier est complet"
    )
    task = operation.case.tasks.get(step="check")
    for told in (
        "Réhabilitation de la cité 9",
        "Maisons & Cités",
        f"Échéance\u00a0: {timezone.localtime(task.due_at).day}\u00a0",
        "«\u00a0Déposer l’opération\u00a0» par Maisons & Cités",
        f"https://erbm.example/operations/{operation.pk}/",
    ):
        assert told in letter.body


@pytest.mark.parametrize("kind", Kind)
def test_the_owner_gets_the_acknowledgement_that_the_law_wants(kind):
    operation = operation_at(State.DRAFT, kind)
    [lead] = people(operation, Role.LEAD_SERVICE)

    [letter] = to(
        letters_after(
            operation,
            "submit",
            Role.OWNER,
            at=datetime.datetime(2026, 2, 10, 9, tzinfo=datetime.UTC),
        ),
        "owner",
    )

    service = operation.case.parties.get(role=Role.LEAD_SERVICE).unit
    for told in (
        "reçue le 10\u00a0février 2026",
        f"{service.name} ({lead.email})",
        "décision implicite de rejet",
        "sans décision expresse le 10\u00a0avril 2026",
        "art.\u00a0L.\u00a0231-4, 3°",
        "jusqu’au 10\u00a0octobre 2026",  # its plan counts on the FNADT
        "ne vaut jamais acceptation",
        "R.\u00a0421-2",
    ):
        assert told in letter.body
    assert "réputée acceptée" not in letter.body


def test_the_receipt_says_how_to_reach_the_service():
    operation = operation_at(State.DRAFT)
    lead = operation.case.parties.get(role=Role.LEAD_SERVICE).unit
    Organisation.objects.filter(unit=lead).update(
        postal_address="100 avenue Winston Churchill, 62000 Arras",
        telephone="03 21 22 99 99",
    )

    [letter] = to(letters_after(operation, "submit", Role.OWNER), "owner")

    assert "100 avenue Winston Churchill, 62000 Arras, 03 21 22 99 99" in letter.body


def test_the_owner_alone_of_its_plan_is_not_told_of_the_fnadt():
    operation = operation_at(State.DRAFT)
    operation.lines.filter(scheme="fnadt").update(scheme="housing")

    [letter] = to(letters_after(operation, "submit", Role.OWNER), "owner")

    assert "FNADT" not in letter.body


@pytest.mark.parametrize("kind", Kind)
def test_the_funder_is_told_what_to_settle_once_it_is_delivered(kind):
    operation = operation_at(State.DELIVERED, kind)
    people(operation, Role.FUNDER)
    Message.objects.exclude(event__move="deliver").delete()
    Message.objects.update(done_at=None)

    [letter] = to(sent(), "funder")

    assert letter.subject == f"{operation.case.reference}\u00a0: aides à solder"
    for line in operation.lines_awaiting_settlement():
        assert f"- {line}" in letter.body
    assert f"/operations/{operation.pk}/" in letter.body


def test_the_funder_of_settled_lines_is_told_to_attest_it():
    operation = operation_at(State.DELIVERED)
    people(operation, Role.FUNDER)
    operation.lines.awaiting_settlement().update(settled_on=datetime.date(2028, 12, 31))
    Message.objects.exclude(event__move="deliver").delete()
    Message.objects.update(done_at=None)

    [letter] = to(sent(), "funder")

    assert "il reste à l’attester" in letter.body


def test_a_letter_sent_again_is_recognised_as_the_same():
    operation = operation_at(State.PROPOSED)
    people(operation, Role.CONSULTED)
    first = letters_after(operation, "declare_complete", Role.LEAD_SERVICE, **COMPLETE)

    Message.objects.filter(event__move="declare_complete").update(done_at=None)
    second = sent()

    ids = [letter.extra_headers["Message-ID"] for letter in first]
    assert [letter.extra_headers["Message-ID"] for letter in second] == ids
    assert len(set(ids)) == len(ids) == 3
    assert all(i.startswith("<") and i.endswith("@erbm.invalid>") for i in ids)


def test_each_consulted_unit_is_told_for_itself():
    operation = operation_at(State.PROPOSED)
    consulted = people(operation, Role.CONSULTED)

    letters = letters_after(
        operation, "declare_complete", Role.LEAD_SERVICE, **COMPLETE
    )

    assert [letter.to for letter in to(letters, "consulted")] == [
        [somebody.email] for somebody in consulted
    ]


def test_the_mailbox_of_a_unit_comes_before_its_people():
    operation = operation_at(State.DRAFT)
    people(operation, Role.LEAD_SERVICE)
    service = unit("ddtm-62")
    service.email = "erbm@ddtm.example"
    service.save()

    letters = letters_after(operation, "submit", Role.OWNER)

    assert ["erbm@ddtm.example"] in [letter.to for letter in letters]
    assert to(letters, "lead-service") == []


def test_people_who_may_not_act_are_not_written_to():
    operation = operation_at(State.DRAFT)
    service = unit("ddtm-62")
    gone = person_of(service, Role.LEAD_SERVICE, "gone")
    gone.is_active = False
    gone.save()
    for name, period in {
        "former": {"ends_on": datetime.date(2025, 12, 31)},
        "elsewhere": {"jurisdiction": Jurisdiction.objects.get(code__endswith="douai")},
        "other": {"role": Role.CONSULTED},
    }.items():
        somebody = person_of(service, Role.LEAD_SERVICE, name)
        Membership.objects.filter(user=somebody).update(**period)
    here = person_of(service, Role.LEAD_SERVICE, "here")

    letters = letters_after(operation, "submit", Role.OWNER)

    assert here.email in {address for letter in letters for address in letter.to}
    assert to(letters, "gone") == to(letters, "former") == []
    assert to(letters, "elsewhere") == to(letters, "other") == []


def test_a_unit_that_is_no_more_is_not_written_to():
    operation = operation_at(State.DRAFT)
    people(operation, Role.LEAD_SERVICE)
    service = unit("ddtm-62")
    service.email, service.is_active = "erbm@ddtm.example", False
    service.save()

    letters = letters_after(operation, "submit", Role.OWNER)

    assert {address for letter in letters for address in letter.to}.isdisjoint(
        {"erbm@ddtm.example", "lead-service.ddtm-62@example.org"}
    )


def test_the_person_who_acted_is_not_told_of_her_own_act():
    operation = operation_at(State.PROPOSED)
    colleague = person_of(unit("ddtm-62"), Role.LEAD_SERVICE, "colleague")

    letters = letters_after(
        operation, "declare_complete", Role.LEAD_SERVICE, **COMPLETE
    )

    [letter] = [x for x in letters if "Instruire" in x.subject]
    assert letter.to == [colleague.email]


def test_what_is_done_already_is_not_asked():
    operation = operation_at(State.DRAFT)
    Message.objects.update(done_at=timezone.now())
    fire(operation, "submit", by=person(operation, Role.OWNER))
    colleague = person_of(unit("ddtm-62"), Role.LEAD_SERVICE, "colleague")
    fire(
        operation,
        "declare_complete",
        by=person(operation, Role.LEAD_SERVICE),
        **COMPLETE,
    )

    subjects = [letter.subject for letter in sent() if colleague.email in letter.to]

    assert len(subjects) == 1
    assert "Instruire" in subjects[0]


def test_a_lone_signature_asks_for_the_next_one():
    operation = operation_at(State.FUNDING)
    people(operation, Role.SUB_PREFECT)

    letters = letters_after(operation, "abandon", Role.OWNER, **WHY)

    [letter] = letters
    assert letter.to == ["sub-prefect.sous-prefecture-lens@example.org"]
    assert "Se prononcer sur l’abandon" in letter.subject
    assert f"Motif\u00a0: {WHY['reason']}" in letter.body


def test_what_a_pause_held_is_asked_again_at_its_end():
    operation = operation_at(State.UNDER_REVIEW)
    people(operation, Role.CONSULTED)
    fire(operation, "suspend", by=person(operation, Role.LEAD_SERVICE), **WHY)

    letters = letters_after(operation, "resume", Role.LEAD_SERVICE, **WHY)

    assert len(to(letters, "consulted")) == 3


def test_the_check_is_asked_again_once_the_documents_are_there():
    operation = operation_at(State.INCOMPLETE)
    document = operation.documents.first()
    operation.requested_documents.update(document=document)

    letters = letters_after(operation, "supply_documents", Role.OWNER)

    [letter] = to(letters, "lead-service")
    assert "Vérifier que le dossier est complet" in letter.subject


def test_the_owner_learns_which_documents_are_wanted_and_by_when():
    operation = operation_at(State.PROPOSED)

    letters = letters_after(
        operation,
        "ask_for_documents",
        Role.LEAD_SERVICE,
        documents="Plan de masse\n\nAvis des locataires",
        answer_by=datetime.date(2026, 3, 15),
        reason="Le devis est illisible.",
    )

    [letter] = letters  # and no second one for the task
    assert letter.to == ["owner.maisons-et-cites@example.org"]
    assert letter.subject.endswith("pièces demandées avant le 15\u00a0mars 2026")
    assert "- Plan de masse\n- Avis des locataires\n" in letter.body
    assert "Motif\u00a0: Le devis est illisible." in letter.body
    assert "art.\u00a0L.\u00a0114-5" in letter.body


SITTING = {"sitting_on": COMMITTEE_DAY}
DECISIONS = {
    "decline": (State.ON_AGENDA, Role.SUB_PREFECT, SITTING | WHY, "écartée"),
    "arbitrate_against": (State.ARBITRATION, Role.SUB_PREFECT, WHY, "écartée"),
    "withdraw": (State.PROPOSED, Role.OWNER, WHY, "retrait"),
    "suspend": (State.PROPOSED, Role.LEAD_SERVICE, WHY, "Suspendue"),
}


@pytest.mark.parametrize("name", DECISIONS)
def test_the_owner_learns_what_becomes_of_its_operation_and_why(name):
    state, role, said, told = DECISIONS[name]
    operation = operation_at(state)
    colleague = person_of(operation.owner, Role.OWNER, "colleague")

    letters = letters_after(operation, name, role, **said)

    [letter] = [x for x in letters if colleague.email in x.to]
    assert told in letter.subject + letter.body
    assert WHY["reason"] in letter.body
    assert operation.case.title in letter.body


def test_a_rejection_at_the_copil_is_told_once_both_have_signed():
    operation = operation_at(State.AWAITING_COPIL)
    person(operation, Role.OWNER)
    said = SITTING | WHY

    assert (
        to(letters_after(operation, "reject", Role.COPIL_STATE, **said), "owner") == []
    )
    [letter] = letters_after(operation, "reject", Role.COPIL_REGION, **said)
    assert "écartée" in letter.subject
    assert "R.\u00a0421-1" in letter.body


def test_the_owner_learns_of_the_funding_and_of_the_day_to_start():
    operation = operation_at(State.FUNDED)
    event = Event.objects.get(case=operation.case, move="confirm_funding")

    [letter] = [x for x in sent() if f"<{event.pk}." in x.extra_headers["Message-ID"]]

    assert letter.to == ["owner.maisons-et-cites@example.org"]
    deadline = operation.deadline_on
    assert f"au plus tard le {deadline.day}\u00a0" in letter.body
    assert f"{deadline.year}" in letter.body


def test_the_owner_learns_of_the_lapse_and_that_it_was_heard():
    operation = operation_at(State.FUNDED)
    after = datetime.datetime.combine(
        operation.deadline_on + DAY, datetime.time(9), tzinfo=datetime.UTC
    )

    [letter] = letters_after(
        operation,
        "record_lapse",
        Role.PREFECT,
        at=after,
        heard_on=datetime.date(2026, 3, 2),
        **WHY,
    )

    assert "caducité" in letter.subject
    assert "entendu le 2\u00a0mars 2026" in letter.body


def test_the_owner_learns_of_an_extension_and_of_a_refused_abandonment():
    operation = operation_at(State.FUNDED)
    until = operation.deadline_on + 30 * DAY

    [extension] = letters_after(operation, "extend", Role.PREFECT, until=until, **WHY)
    fire(operation, "abandon", by=person(operation, Role.OWNER), **WHY)
    [refusal] = letters_after(operation, "refuse_abandonment", Role.SUB_PREFECT, **WHY)

    assert f"Échéance en cours\u00a0: {until.day}" in extension.body
    assert "Refuser l’abandon" in refusal.subject


def test_an_erased_reason_is_not_made_up():
    operation = operation_at(State.WITHDRAWN)
    event = Event.objects.get(case=operation.case, move="withdraw")
    EventText.objects.filter(event=event).update(text="")

    [letter] = [x for x in sent() if "retrait" in x.subject]

    assert "Motif" not in letter.body


def test_a_title_in_two_lines_does_not_break_the_letter():
    operation = operation_at(State.DRAFT)
    operation.case.title = "Cité 9\nBcc: all@example.org"
    operation.case.save(update_fields=["title"])

    [letter] = to(letters_after(operation, "submit", Role.OWNER), "owner")

    assert letter.message()["Subject"]
    assert letter.message()["Bcc"] is None


@pytest.mark.parametrize("kind", Kind)
def test_no_letter_shows_the_seams_of_its_template(kind):
    """Walk through everything, then read all that was written."""
    for state in (State.CLOSED, State.INCOMPLETE, State.ABANDONED, State.LAPSED):
        operation = operation_at(state, kind)
        for role in (Role.LEAD_SERVICE, Role.FUNDER, Role.COPIL_STATE, Role.OWNER):
            body = operation.case.parties.get(role=role).unit
            person_of(body, role, "colleague")

    letters = sent()

    assert len(letters) > 8
    for letter in letters:
        text = letter.subject + letter.body
        assert not any(
            seam in text for seam in ("{", "}", "None", "&#", "\n\n\n", " :")
        )
        assert letter.subject.strip() == letter.subject
        assert letter.message().as_bytes()


def test_every_letter_has_its_template_and_every_listener_its_subscription():
    names = {listener for _, _, listener in outbox.subscriptions()}

    assert {
        "erbm.operations.notifications.ask_the_units",
        "erbm.operations.notifications.tell_the_owner",
    } <= names
    assert set(notifications._PARTICULARS) <= set(notifications.LETTERS.values())


def test_who_stands_in_for_somebody_is_written_to_with_her():
    operation = operation_at(State.DRAFT)
    service = unit("ddtm-62")
    away = person_of(service, Role.LEAD_SERVICE, "away")
    deputy = person_of(unit("ddtm-59"), Role.LEAD_SERVICE, "deputy")
    today = timezone.localdate()
    Substitution.objects.create(
        principal=away,
        substitute=deputy,
        first_day=today,
        last_day=today,
        set_by=away,
        set_at=timezone.now(),
    )

    letters = letters_after(operation, "submit", Role.OWNER)

    written = [letter.to for letter in letters if away.email in letter.to]
    assert written
    assert all(deputy.email in addresses for addresses in written)
