"""Every look of an auditor is itself recorded, and she is told so."""

import json

import pytest
from django.urls import reverse

from flows.operation import State
from tests.audit.pages import page, text
from tests.operations.factories import operation_at
from tests.workflow.test_sealing import seal
from workflow.models import Checkpoint, Entry, EntryKind, EntryText

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def case():
    case = operation_at(State.PROPOSED).case
    seal()
    return case


def recorded():
    """Return the kind, the case and the facts of the latest entry."""
    entry = Entry.objects.latest("pk")
    body = json.loads(entry.body)
    return EntryKind(entry.kind), body["case"], body["facts"]


SEEN = EntryKind.AUDIT_SEEN


def test_a_search_is_recorded_by_its_criteria(client, auditor, case):
    page(client, "search", act="geste.submit", since="2026-01-01", person=auditor.pk)

    criteria = {
        "act": "geste.submit",
        "since": "2026-01-01",
        "person": str(auditor.pk),
    }
    assert recorded() == (SEEN, None, {"page": "search", "criteria": criteria})
    assert Entry.objects.get().actor == auditor


@pytest.mark.parametrize("typed", [{"name": "Zénobie"}, {"reference": "Zénobie"}])
def test_what_is_typed_never_enters_the_register(client, auditor, case, typed):
    page(client, "search", **typed)

    assert not Entry.objects.filter(body__contains="nobie").exists()
    assert not EntryText.objects.filter(text__contains="nobie").exists()


def test_a_case_a_proof_and_a_verification_are_recorded_on_it(client, auditor, case):
    reference = case.reference
    page(client, "case", reference)
    assert recorded() == (SEEN, reference, {"page": "case"})
    page(client, "proof", reference, 2)
    assert recorded() == (SEEN, reference, {"page": "proof", "seq": 2})
    client.post(reverse("audit:verify_case", args=[reference]))
    assert recorded() == (EntryKind.VERIFIED, reference, {"scope": "case"})

    said = text(client, "case", reference)
    assert "Journal consulté par l’audit" in said
    assert "Vérification demandée" in said
    assert "Vos consultations sont elles-mêmes enregistrées" in said


def test_the_seals_a_note_and_the_register_are_recorded(client, auditor, case):
    size = Checkpoint.objects.get().size
    page(client, "seals")
    assert recorded() == (SEEN, None, {"page": "seals"})
    page(client, "note", size)
    assert recorded() == (SEEN, None, {"page": "note", "size": size})
    page(client, "register", entry="audit_seen")
    facts = {"page": "register", "criteria": {"entry": "audit_seen"}}
    assert recorded() == (SEEN, None, facts)


def test_what_is_refused_is_no_look(client, auditor, case):
    client.get(reverse("audit:case", args=["R-2026-99999"]))
    client.get(reverse("audit:note", args=[12345]))

    assert not Entry.objects.exists()
