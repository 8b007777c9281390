"""Auditors search the register; those of a jurisdiction only what is about it."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from erbm import changes
from erbm.programme.models import Envelope
from erbm.words import money
from flows.operation import State
from tests.audit.pages import page, text
from tests.desk import scenes
from tests.intruder import guards_down
from tests.operations import factories
from tests.operations.factories import operation_at
from tests.workflow.test_sealing import seal
from workflow import refused
from workflow.models import Checkpoint, Entry, EntryKind, EntryText, Membership
from workflow.refusals import Ground, Refusal
from workflow.trail import register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

LEVEL = {"level": "password"}


@pytest.fixture
def case():
    return operation_at(State.DRAFT).case


@pytest.fixture
def entered(case):
    """Enter a sign-in, a refused one and an export of a case."""
    at, owner = timezone.now(), scenes.owner()
    return [
        register.enter(
            EntryKind.SIGNED_IN, by=owner, at=at, facts={"level": "password"}
        ),
        register.enter(EntryKind.SIGN_IN_FAILED, by=None, at=at),
        register.enter(EntryKind.TRAIL_EXPORTED, by=owner, at=at, case=case),
    ]


def shown(client, **params):
    return [line.entry for line in page(client, "register", **params).context["lines"]]


@pytest.mark.parametrize("who", [scenes.owner, scenes.director])
def test_nobody_else_knows_of_it(client, who):
    client.force_login(who())

    assert client.get(reverse("audit:register")).status_code == 404


def test_the_latest_entries_come_first_and_say_who_did_what(client, auditor, entered):
    response = page(client, "register")

    lines = response.context["lines"]
    # The look itself was recorded before the page was read.
    assert [line.entry for line in lines][1:] == entered[::-1]
    signed_in, denied = lines[3], lines[2]
    assert (signed_in.what, signed_in.who) == ("Connexion", str(scenes.owner()))
    assert signed_in.said == (("Niveau", "mot de passe"),)
    assert (denied.what, denied.who) == (
        "Connexion refusée",
        "personne d’identifié",
    )


def test_a_refusal_is_told_in_words_with_its_case(client, auditor, case):
    owner = scenes.owner()
    [refusal] = [Refusal(Ground.STATE, "L’opération n’est plus un brouillon.")]
    refused.note("submit", case, [refusal], by=owner, at=timezone.now())

    [line] = page(client, "register", entry="move_refused").context["lines"]
    said = text(client, "register", entry="move_refused")

    assert ("Geste", "Déposer l’opération / Déposer le projet") in line.said
    assert ("Cause", "état du dossier") in line.said
    assert "L’opération n’est plus un brouillon." in said
    assert case.reference in said


SAID = {
    EntryKind.SIGNED_OUT: {"why": "too_long"},
    EntryKind.SIGN_IN_FAILED: {"account": 3, "level": "password", "limit": 600},
    EntryKind.TRAIL_EXPORTED: {"since": "2026-03-01", "until": None, "whole": False},
    EntryKind.LIST_EXPORTED: {
        "list": "operations",
        "form": "csv",
        "said": {"state": "draft", "box": "mine"},
    },
    EntryKind.DOSSIER_TAKEN: {"seq": 3, "documents": 2},
    EntryKind.INSPECTED: {"inspection": 1, "found": 2},
    EntryKind.SUBSTITUTION_SET: {
        "substitution": 1,
        "principal": 2,
        "substitute": 3,
        "first_day": "2026-03-01",
        "last_day": "2026-03-09",
        "processes": ["rehabilitation"],
        "unit": "ddtm-59",
    },
    EntryKind.ERASED: {"person": 4, "basis": "RGPD", "entries": ["00" * 32] * 3},
    EntryKind.KEY_ROTATED: {"previous": "a+b+c", "key": "a+d+e"},
    EntryKind.HARDENED: {
        "owner": "erbm_owner",
        "application": "erbm_application",
        "sealer": "erbm_sealer",
    },
    EntryKind.RESTITUTION_RECEIVED: {"sha256": "0f", "rows": "12", "differences": "3"},
    EntryKind.DIFFERENCE_ANSWERED: {
        "id": "4",
        "kind": "unknown",
        "ej_number": "2199999999",
        "ours": None,
        "theirs": "4500000",
        "answer": "dismissed",
    },
    EntryKind.VERIFIED: {"scope": "since", "since": "2026-03-01", "found": 0},
}


def test_everything_it_keeps_is_said_in_words(client, auditor):
    at = timezone.now()
    for kind, facts in SAID.items():
        texts = {"operator": "ada@serveur"}
        register.enter(kind, by=None, at=at, facts=facts, texts=texts)

    lines = page(client, "register").context["lines"]
    told = {line.entry.kind: dict(line.said) for line in lines}

    names = {name for said in told.values() for name in said}
    assert not [name for name in names if re.fullmatch(r"[a-z_.]+", name)]
    assert told["signed_out"]["Fin de la session"] == "durée la plus longue atteinte"
    assert told["erased"]["Inscriptions effacées"] == "3"
    assert told["substitution_set"]["Procédures"] == "Réhabilitation"
    assert told["verified"]["Étendue"] == "les dossiers changés depuis un jour"
    assert told["substitution_set"]["Du"] == "1er\N{NO-BREAK SPACE}mars 2026"
    answered = told["difference_answered"]
    assert answered["Montant dans Chorus"] == money(45_000_00)
    assert answered["Réponse"] == "Écarté"
    assert answered["Procédure ou nature"] == "EJ inconnu ici"
    assert told["hardened"]["Compte du système"] == "ada@serveur"


def test_a_setting_is_told_before_and_after(client, auditor):
    at, person = timezone.now(), scenes.owner()
    was = changes.values_of(person, ["email", "is_active"])
    now = was | {"email": "nouvelle@demo.example", "is_active": False}
    changes.note(person, was, now, by=auditor, at=at)

    [line] = page(client, "register", entry="configured").context["lines"]

    assert ("Table", "personne") in line.said
    assert ("Changement", "modification") in line.said
    assert (
        "adresse électronique",
        f"{person.email} → nouvelle@demo.example",
    ) in line.said
    assert ("actif", "oui → non") in line.said
    assert not [name for name, _ in line.said if name.endswith((".before", ".after"))]

    envelope = Envelope(pk=1, scheme="dsil", year=2027)
    before = {"granted_cents": 0, "scheme": "detr"}
    after = {"granted_cents": 1_000_00, "scheme": "dsil"}
    changes.note(envelope, before, after, by=auditor, at=at)
    of_money, _ = page(client, "register", entry="configured").context["lines"]
    assert ("dotation", f"{money(0)} → {money(1_000_00)}") in of_money.said
    assert [now for _, now in of_money.said if "DSIL" in now]

    EntryText.objects.filter(entry=line.entry).update(text="", salt=b"")
    _, line = page(client, "register", entry="configured").context["lines"]
    assert "adresse électronique" not in dict(line.said)


def test_an_entry_says_how_it_is_sealed(client, auditor, entered):
    assert "En attente de sceau" in text(client, "register")
    seal()

    lines = page(client, "register", entry="signed_in").context["lines"]

    assert lines[0].seal.size == Checkpoint.objects.get().size
    assert lines[0].seal.index == entered[0].leaf.index


def test_filters_leave_the_rest_out(client, auditor, case, entered):
    signed_in, denied, exported = entered

    assert shown(client, entry="sign_in_failed") == [denied]
    assert shown(client, person=scenes.owner().pk) == [exported, signed_in]
    assert shown(client, reference=case.reference) == [exported]
    assert "Aucune inscription" in text(client, "register", until="2020-01-01")


def test_an_auditor_of_a_jurisdiction_sees_its_cases_alone(client, case, entered):
    person = factories.auditor()
    Membership.objects.filter(user=person).update(jurisdiction=case.jurisdiction)
    client.force_login(person)

    assert shown(client) == [entered[2]]
    assert "les dossiers de votre ressort" in text(client, "register")


def test_what_was_erased_or_altered_is_shown_all_the_same(client, auditor, entered):
    signed_in, denied, _ = entered
    EntryText.objects.filter(pk=signed_in.pk).update(text="", salt=b"")
    with guards_down():
        Entry.objects.filter(pk=denied.pk).update(body="{")

    said = {line.entry.pk: line for line in page(client, "register").context["lines"]}

    assert said[signed_in.pk].who == "identité effacée"
    assert said[denied.pk].what.startswith("Inscription illisible")


def test_all_pages_together_hold_each_entry_once(client, auditor, entered):
    for _ in range(25):
        page(client, "seals")
    seen, url = [], reverse("audit:register") + "?entry=audit_seen"
    while url:
        context = client.get(url).context
        seen += [line.entry.pk for line in context["lines"]]
        url = context["next_url"]

    before = Entry.objects.filter(kind="audit_seen").order_by("-pk")
    assert seen == list(before.values_list("pk", flat=True))[1:]


def test_it_costs_the_same_however_many(
    client, auditor, entered, django_assert_max_num_queries
):
    page(client, "register")
    with django_assert_max_num_queries(12) as few:
        page(client, "register", entry="sign_in_failed")
    for _ in range(20):
        page(client, "seals")
    with django_assert_max_num_queries(12) as many:
        page(client, "register")

    assert len(many) == len(few)
