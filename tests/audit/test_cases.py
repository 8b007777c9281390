"""An auditor reads one case in full, verifies it, and sees what proves it."""

import hashlib
import html
import json
import re

import pytest
from django.urls import reverse

from flows.operation import State
from flows.roles import Role
from tests.audit.pages import page, text
from tests.desk import scenes
from tests.intruder import guards_down
from tests.operations.factories import WHY, fire, operation_at, person
from tests.operations.forms import text_of
from tests.workflow.test_sealing import seal
from workflow.models import Case, Checkpoint, Entry, Event, EventText, Leaf, Unsealed
from workflow.trail import merkle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def case():
    """Walk an operation to the COPIL, and seal it."""
    case = operation_at(State.AWAITING_COPIL).case
    seal()
    return case


def entries_of(client, case):
    return page(client, "case", case.reference).context["entries"]


def verified(client, case):
    return client.post(reverse("audit:verify_case", args=[case.reference]))


@pytest.mark.parametrize("name", ["case", "verify_case", "proof"])
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", [scenes.owner, scenes.director])
def test_nobody_else_knows_of_it(client, case, name, method, who):
    client.force_login(who())
    args = [case.reference, *([1] if name == "proof" else [])]

    response = getattr(client, method)(reverse(f"audit:{name}", args=args))

    assert response.status_code in {404, 405}


def test_a_case_that_is_not_is_404(client, auditor, case):
    for name, args in (("case", ["X-1"]), ("proof", [case.reference, 999])):
        url = reverse(f"audit:{name}", args=args)
        assert client.get(url).status_code == 404


def test_the_time_line_tells_what_changed_before_and_after(client, auditor, case):
    entries = entries_of(client, case)
    changes = {
        (entry.event.move, change.name): (change.before, change.after)
        for entry in entries
        for change in entry.line.differences
    }

    assert [entry.event.seq for entry in entries] == list(range(1, case.latest_seq + 1))
    before, after = changes["edit_plan", "Plan de financement"]
    assert before == "–"
    assert "FNADT" in after
    # What was typed in the move is told as a difference as well.
    assert changes["endorse", "Comité du"] == ("–", "2\xa0mars 2026")


def test_anybody_can_compute_a_hash_again_from_the_page(client, auditor, case):
    source = html.unescape(page(client, "case", case.reference).text)
    for entry in entries_of(client, case):
        body, text = entry.event.body, entry.text
        assert f">{body}</pre>" in source
        assert f">{text.text}</pre>" in source
        hashed = b"workflow/event/1\n" + bytes.fromhex(entry.previous_hash)
        digest = hashlib.sha256(hashed + body.encode()).hexdigest()
        assert f">{digest}</code>" in source
        salted = bytes.fromhex(text.salt) + text.text.encode()
        assert hashlib.sha256(salted).hexdigest() == json.loads(body)["texts"]
        assert json.loads(body)["texts"] in source


def test_signatures_and_the_links_of_the_case_are_there(client, auditor, case):
    operation = operation_at(State.AWAITING_COPIL)
    by = person(operation, Role.COPIL_STATE)
    fire(operation, "validate", by=by, sitting_on="2026-04-01")

    said = page(client, "case", operation.case.reference)

    assert f"Signature de {by}" in text_of(said)
    for name in ("as_of", "detail"):
        url = reverse(f"operations:{name}", args=[operation.pk])
        assert f'href="{url}"' in said.text


def test_each_event_leads_to_the_case_as_it_was_then(client, auditor, case):
    links = re.findall(
        r'href="([^"]*/au/\?[^"]*)"', page(client, "case", case.reference).text
    )
    assert len(links) == case.latest_seq

    for entry, link in zip(entries_of(client, case), links, strict=True):
        then = client.get(html.unescape(link)).context["then"]
        assert then.latest.at == entry.event.at


def test_a_long_time_line_is_read_by_pages(client, auditor, case, monkeypatch):
    monkeypatch.setattr("erbm.audit.queries.timelines.PAGE_SIZE", 5)
    seen, url = [], reverse("audit:case", args=[case.reference])
    while url:
        context = client.get(url).context
        seen += [entry.event.seq for entry in context["entries"]]
        url = context["next_url"]

    assert seen == list(range(1, case.latest_seq + 1))


def test_a_long_time_line_costs_no_more(
    client, auditor, case, django_assert_max_num_queries
):
    short = operation_at(State.DRAFT).case
    page(client, "case", short.reference)
    with django_assert_max_num_queries(16) as few:
        page(client, "case", short.reference)
    with django_assert_max_num_queries(16) as many:
        page(client, "case", case.reference)

    # The themes that were named, the erasures that were sought.
    assert len(many) <= len(few) + 2


# The proof


def test_the_proof_of_an_event_leads_to_the_signed_root(client, auditor, case):
    event = Event.objects.get(case=case, seq=3)
    latest = Checkpoint.objects.latest("size")

    response = page(client, "proof", case.reference, 3)

    assert "La preuve est juste" in response.text
    path = [bytes.fromhex(step) for step in response.context["path"]]
    assert merkle.is_included(
        bytes(event.hash), event.leaf.index, latest.size, path, bytes(latest.root)
    )
    assert latest.note in html.unescape(response.text)


def test_what_waits_for_its_seal_has_no_proof_yet(client, auditor, case):
    waiting = operation_at(State.DRAFT).case

    assert "En attente de sceau" in text(client, "case", waiting.reference)
    url = reverse("audit:proof", args=[waiting.reference, 1])
    assert client.get(url).status_code == 404


def test_a_body_that_was_altered_proves_nothing(client, auditor, case):
    event = Event.objects.get(case=case, seq=3)
    with guards_down():
        Event.objects.filter(pk=event.pk).update(body=event.body + " ")

    assert "La preuve est fausse" in text(client, "proof", case.reference, 3)


# The verification


def test_a_case_that_holds_says_what_was_verified(client, auditor, case):
    response = verified(client, case)

    said = text_of(response)
    assert response.status_code == 200
    assert "Ce dossier est intact" in said
    assert f"{case.latest_seq} événements sous la racine signée" in said
    assert "0 événement en attente de sceau" in said


def test_a_case_that_waits_for_its_seal_says_so(client, auditor):
    case = operation_at(State.DRAFT).case

    said = text_of(verified(client, case))

    assert "Ce dossier est intact" in said
    assert "aucun point de contrôle n’a encore été signé" in said
    assert f"{case.latest_seq} événements en attente de sceau" in said


def test_to_ask_for_the_result_without_verifying_leads_back(client, auditor, case):
    url = reverse("audit:case", args=[case.reference])
    response = client.get(reverse("audit:verify_case", args=[case.reference]))

    assert (response.status_code, response.url) == (302, url)


def leaf_of(event):
    return Leaf.objects.filter(event=event)


CORRUPTIONS = {
    "a column": (
        lambda event: Event.objects.filter(pk=event.pk).update(role="prefect"),
        "workflow_event {place}, colonne role",
    ),
    "a body": (
        lambda event: Event.objects.filter(pk=event.pk).update(body="{}"),
        "workflow_event {place}, colonne hash",
    ),
    "a text": (
        lambda event: EventText.objects.filter(pk=event.pk).update(text="{}"),
        "workflow_event {place}, table workflow_eventtext, colonne text",
    ),
    "the state": (
        lambda event: Case.objects.filter(pk=event.case_id).update(state="funded"),
        "workflow_case {case}, colonne state",
    ),
    "a leaf": (
        lambda event: leaf_of(event).update(hash=bytes(32)),
        "workflow_leaf {leaf}, colonne hash",
    ),
    "a seal torn out": (
        lambda event: leaf_of(event)._raw_delete("default"),
        "workflow_event {place} : ni scellé, ni en attente",
    ),
    "a root": (
        lambda event: Checkpoint.objects.update(root=bytes(32)),
        "workflow_checkpoint {size}, colonne root",
    ),
    "a note": (
        lambda event: Checkpoint.objects.update(note="rien"),
        "workflow_checkpoint {size}, colonne note : elle est illisible",
    ),
    "a signature": (
        lambda event: Checkpoint.objects.update(note=unsigned()),
        "workflow_checkpoint {size}, colonne note : aucune clé",
    ),
}


def unsigned():
    """Return the latest note, as if its key had signed something else."""
    note = Checkpoint.objects.latest("size").note
    return f"{note[:-12]}AAAAAAAAAA=\n"


@pytest.mark.parametrize("planted", CORRUPTIONS)
def test_whatever_was_altered_is_named_by_table_row_and_column(
    client, auditor, case, planted
):
    alter, accused = CORRUPTIONS[planted]
    event = Event.objects.get(case=case, seq=3)
    named = {
        "place": f"{case.reference}/3",
        "case": case.reference,
        "leaf": event.leaf.index,
        "size": Checkpoint.objects.latest("size").size,
    }
    with guards_down():
        alter(event)

        said = text_of(verified(client, case))

    assert "Ce dossier a été altéré" in said
    assert accused.format(**named) in said


def test_an_event_that_never_waited_for_its_seal_is_named(client, auditor, case):
    operation = operation_at(State.PROPOSED)
    by = person(operation, Role.OWNER)
    fire(operation, "withdraw", by=by, **WHY)
    with guards_down():
        Unsealed.objects.filter(event__case=operation.case, event__seq=1)._raw_delete(
            "default"
        )

        said = text_of(verified(client, operation.case))

    assert f"workflow_event {operation.case.reference}/1 : ni scellé" in said


def test_an_altered_entry_about_the_case_is_named(client, auditor, case):
    page(client, "case", case.reference)
    entry = Entry.objects.get(case=case)
    with guards_down():
        Entry.objects.filter(pk=entry.pk).update(kind="signed_in")

        said = text_of(verified(client, case))

    assert f"workflow_entry {entry.pk}, colonne kind" in said


def test_an_altered_case_is_still_shown(client, auditor, case):
    with guards_down():
        Event.objects.filter(case=case, seq=3).update(body='{"facts": 3}')

    assert "Événement illisible" in text(client, "case", case.reference)
