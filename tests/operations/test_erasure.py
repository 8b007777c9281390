"""A person is forgotten: no trace of her name, and every proof still holds."""

import json
import uuid

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from erbm import changes
from erbm.cases import journal
from flows.operation import State
from flows.roles import Role
from tests.accounts.factories import administrator
from tests.operations import factories
from tests.operations.factories import operation_at
from tests.workflow.databases import dump
from tests.workflow.test_export import ours, theirs
from tests.workflow.test_sealing import seal
from workflow import bulk, delegations, outbox
from workflow.models import (
    BatchItem,
    Delegation,
    Draft,
    Entry,
    EntryKind,
    EntryText,
    Event,
    EventText,
    Notice,
    Task,
)
from workflow.trail import entries, erasure, register, seals, verify

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

BASIS = "RGPD, art. 17"


@pytest.fixture
def operation():
    """Walk an operation to its end, and say that its first actor is the one marked."""
    return operation_at(State.PROPOSED)


@pytest.fixture
def person(operation):
    """Return who submitted the operation, under a name that nothing else has."""
    event = Event.objects.filter(case=operation.case, move="submit").get()
    return event.actor


@pytest.fixture
def officer():
    """Return who answers for the erasures."""
    return administrator()


def forget(person, officer):
    said = {"basis": BASIS, "reason": "Elle l’a demandé.", "by": officer.email}
    call_command("erase_person", person.email, **said)


def test_an_open_account_is_not_erased(person, officer):
    with pytest.raises(CommandError, match="Fermez"):
        forget(person, officer)


def test_an_unknown_person_is_not_erased(db):
    with pytest.raises(CommandError, match="Personne"):
        call_command(
            "erase_person", "x@example.org", basis="b", reason="r", by="y@z.fr"
        )


@pytest.fixture
def forgotten(operation, person, officer):
    register.enter(EntryKind.SIGNED_IN, by=person, at=timezone.now())
    said = {"reasons": f"Vous avez, {person}, déjà décidé."}
    at = timezone.now()
    register.enter(
        EntryKind.MOVE_REFUSED, by=officer, at=at, case=operation.case, texts=said
    )
    changes.note(person, {}, {"email": person.email}, by=officer, at=at)
    seal()
    person.is_active = False
    person.save()
    name = str(person)
    forget(person, officer)
    return name


def test_her_name_is_nowhere_and_all_is_proved(forgotten, operation, person, tmp_path):
    person.refresh_from_db()
    assert (str(person), person.has_usable_password()) == ("Personne effacée", False)
    assert not EventText.objects.filter(text__contains=forgotten).exists()
    assert not EntryText.objects.filter(text__contains=forgotten).exists()
    assert not EntryText.objects.filter(text__contains="@").exists()
    assert verify.problems_of(operation.case) == []
    assert seals.check().problems == []
    assert list(entries.Check(Entry.objects.all())) == []

    call_command("export_trail", str(tmp_path / "export"))
    done = ours(tmp_path / "export")
    assert (done.returncode, done.stderr) == (0, "")
    assert theirs(tmp_path / "export").returncode == 0
    assert "effacé le 20" in done.stdout
    assert BASIS in done.stdout
    files = (tmp_path / "export").iterdir()
    assert not [path for path in files if forgotten in path.read_text()]


def test_the_register_says_who_was_forgotten_on_what_ground(forgotten, person, officer):
    entry = Entry.objects.get(kind="erased")
    facts = json.loads(entry.body)["facts"]

    assert (entry.actor, facts["person"], facts["basis"]) == (
        officer,
        person.pk,
        BASIS,
    )
    gone = Entry.objects.filter(text__text="").values_list("hash", flat=True)
    assert facts["entries"] == sorted(bytes(found).hex() for found in gone)
    assert len(gone) == 3


def test_the_journal_says_when_and_on_what_ground(forgotten, operation):
    events = Event.objects.filter(case=operation.case).select_related("text")
    lines = journal.read(events.order_by("seq"))

    assert any(
        line.actor.startswith("effacé le")
        and line.actor.endswith(f"au titre de {BASIS}")
        for line in lines
    )
    assert lines[-1].what.startswith("Textes effacés (lignes 1")
    assert lines[-1].reason == "Elle l’a demandé."


def test_whoever_bears_a_longer_name_keeps_hers(person, officer):
    person.first_name, person.last_name = "", "Li"
    at = timezone.now()
    for texts in ({"reasons": "Lille"}, {"reasons": "Vu par Li, hier."}):
        register.enter(EntryKind.MOVE_REFUSED, by=officer, at=at, texts=texts)

    [entry] = erasure.entries_naming(person)

    assert json.loads(entry.text.text)["reasons"] == "Vu par Li, hier."


def test_a_name_is_replaced_however_its_accents_are_written_and_never_in_another():
    name = erasure.Name("Zoé")

    assert name.replaced("Zoe\u0301 ou Zoéline", "X") == "X ou Zoéline"
    assert name.replaced("Zoe\u0301line", "X") == "Zoe\u0301line"


def test_texts_erased_without_saying_so_are_found(operation):
    event = Event.objects.filter(case=operation.case).earliest("seq")
    EventText.objects.filter(event=event).update(text="", salt=b"")

    [problem] = verify.problems_of(operation.case)
    assert "effacés sans qu’aucun événement le dise" in problem


def test_erasing_again_records_nothing(forgotten, person, officer):
    person.refresh_from_db()
    before = Event.objects.count()

    forget(person, officer)

    assert Event.objects.count() == before


# All that a life in the application leaves behind


PASSWORD = "terril-de-loos-en-gohelle"
NAMES = {
    "first_name": "Zoe\u0301",  # as some keyboards type it: the trail composes it
    "last_name": "Zorglub",
    "position": "Cheffe Zorglub",
}
MARK = "zorglub"
HOLDING_HER_NAME = (Notice, Delegation, BatchItem, Draft, EntryText, EventText)


@pytest.fixture
def marked(client, operation, person, officer):
    """Have somebody appointed, sign in, fail to, write, and search for her name."""
    client.force_login(officer)
    account = reverse("admin:accounts_user_change", args=[person.pk])
    for email in ("zorglub@demo.example", "zoe.zorglub@demo.example"):
        said = {"email": email, "is_active": "on", **NAMES}
        assert client.post(account, said).status_code == 302
    unit = person.memberships.first().unit_id
    role = {
        "user": person.pk,
        "unit": unit,
        "role": Role.LEAD_SERVICE,
        "starts_on": timezone.localdate(),
    }
    added = client.post(reverse("admin:accounts_appointment_add"), role)
    assert added.status_code == 302
    person.refresh_from_db()
    person.set_password(PASSWORD)
    person.save()
    client.logout()
    for password in ("faux", PASSWORD):
        said = {"login": person.email, "password": password}
        client.post(reverse("account_login"), said)
    exported = f"{reverse('operations:export')}?q=Zorglub"
    assert client.post(exported, {"form": "csv"}).status_code == 200
    lead = factories.person(operation, Role.LEAD_SERVICE)
    said = {"key": str(uuid.uuid4()), "to": f"all.{unit}", "text": "Vu."}
    said["mentions"] = [f"p.{lead.pk}"]
    written = client.post(reverse("exchange_new", args=[operation.pk]), said)
    assert written.status_code == 302
    share(operation, person, lead)
    outbox.deliver(limit=200, at=timezone.now())
    return person


def share(operation, person, lead):
    """Have her take a task whose answer another prepares, and be in the way there."""
    tasks, at = Task.objects.open().filter(case=operation.case), timezone.now()
    task = tasks.filter(role=Role.LEAD_SERVICE).first()
    person.memberships.create(
        unit=task.unit, role=task.role, starts_on=timezone.localdate()
    )
    with transaction.atomic():
        request = delegations.Request(to=lead, instructions=f"Pour {person}, vite.")
        asked = delegations.delegate(task_id=task.pk, request=request, by=person, at=at)
        answer = {"delegation_id": asked.pk, "answer": f"Selon {person}, oui."}
        delegations.hand_back(**answer, by=lead, at=at)
        chosen = {"case_ids": [operation.case.pk], "key": uuid.uuid4()}
        batch = bulk.prepare(**chosen, by=lead, at=at)
        said = bulk.Said(move=task.flow_task.offers[0], inputs={})
        bulk.start(batch_id=batch.pk, said=said, by=lead, at=at)
    bulk.carry_on(limit=1, at=at)
    Draft.objects.create(
        user=person,
        unit=task.unit,
        case=operation.case,
        move=said.move.name,
        task=task,
        values={"reason": "Zorglub l’a vu."},
        saved_at=at,
    )


def test_all_that_a_life_leaves_behind_is_forgotten(client, marked, officer, tmp_path):
    planted = dump()
    for model in HOLDING_HER_NAME:
        assert MARK in repr(planted[model._meta.label]).lower(), model
    client.force_login(officer)
    account = reverse("admin:accounts_user_change", args=[marked.pk])
    client.post(account, {"email": marked.email, **NAMES})

    forget(marked, officer)

    left = [
        (table, row)
        for table, rows in dump().items()
        for row in rows
        if MARK in repr(row).lower()
    ]
    assert left == []
    assert Notice.objects.filter(text="Personne effacée vous mentionne").exists()
    call_command("verify_trail")
    call_command("export_trail", str(tmp_path / "export"))
    told = "".join(p.read_text() for p in (tmp_path / "export").glob("*.[jt]*"))
    assert MARK not in told.lower()
