"""The register keeps what happens outside the chain of a case, written once."""

import hashlib
import json

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from tests.intruder import guards_down
from tests.library.factories import NOW, person, stands_in
from tests.workflow.test_sealing import key, seal
from workflow import inspections, substitutions, verifications
from workflow.models import (
    AppendOnly,
    Entry,
    EntryKind,
    EntryText,
    Leaf,
    Substitution,
    UnsealedEntry,
)
from workflow.trail import canonical, entries, register, sealing, seals
from workflow.trail.notes import Signer

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(db):
    return person("Ada", "reader")


@pytest.fixture
def entry(town, ada):
    case = town.loan_at("given").case
    return register.enter(
        EntryKind.DOSSIER_TAKEN, by=ada, at=NOW, case=case, facts={"format": "zip"}
    )


def refused(sql, *values):
    """Tell whether the database refuses a statement, all its constraints examined."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
            assert cursor.rowcount != 0, "the statement touches nothing"
    except DatabaseError as error:
        return "workflow" in str(error)
    return False


def test_an_entry_says_who_did_what_and_when(entry, ada):
    body = json.loads(entry.body)

    assert canonical.text_of(body) == entry.body
    assert body["kind"] == "dossier_taken"
    assert body["actor"] == ada.pk
    assert body["case"] == entry.case.reference
    assert body["at"] == canonical.moment(NOW)
    assert body["facts"] == {"format": "zip"}
    assert entry.label == "dossier tiré"


def test_an_entry_is_hashed_in_a_domain_of_its_own(entry):
    domain = b"workflow/entry/1\n"

    assert entry.hash == hashlib.sha256(domain + entry.body.encode()).digest()


def test_an_entry_names_nobody_in_its_body(entry, ada):
    assert str(ada) not in entry.body
    assert json.loads(entry.text.text) == {"actor": str(ada)}


def test_what_nobody_known_did_is_entered_too(db):
    entry = register.enter(EntryKind.SIGN_IN_FAILED, by=None, at=NOW)

    assert json.loads(entry.body)["actor"] is None
    assert entry.text.text == "{}"


def test_the_same_said_twice_makes_two_hashes(ada):
    twice = [register.enter(EntryKind.SIGNED_IN, by=ada, at=NOW) for _ in range(2)]

    assert twice[0].hash != twice[1].hash


def test_a_fact_without_canonical_form_is_refused(ada):
    with pytest.raises(canonical.NotCanonical):
        register.enter(EntryKind.SIGNED_IN, by=ada, at=NOW, facts={"level": 1.5})

    assert not Entry.objects.exists()


def test_an_entry_waits_for_its_leaf(entry):
    assert UnsealedEntry.objects.filter(entry=entry).exists()


def test_an_entry_is_neither_saved_again_nor_deleted(entry):
    with pytest.raises(AppendOnly):
        entry.save()
    with pytest.raises(AppendOnly):
        entry.delete()


@pytest.mark.parametrize("column", [f.column for f in Entry._meta.concrete_fields])
def test_no_column_of_an_entry_is_changed(entry, column):
    assert refused(f'UPDATE workflow_entry SET "{column}" = "{column}"')  # noqa: S608


@pytest.mark.parametrize("table", ["entry", "entrytext"])
def test_no_row_of_the_register_is_deleted(entry, table):
    assert refused(f"DELETE FROM workflow_{table}")  # noqa: S608


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["entry", "entrytext"])
def test_no_table_of_the_register_is_emptied(entry, table):
    assert refused(f"TRUNCATE workflow_{table} CASCADE")


@pytest.mark.postgres
def test_an_entry_with_a_false_hash_is_refused(entry):
    assert refused(
        "INSERT INTO workflow_entry (kind, at, body, hash)"
        " VALUES ('signed_in', now(), '{}', sha256('false'))"
    )


@pytest.mark.sqlite
def test_no_entry_is_replaced(entry):
    assert refused("INSERT OR REPLACE INTO workflow_entry SELECT * FROM workflow_entry")


def test_the_texts_of_an_entry_are_erased_and_never_written(entry):
    assert refused("UPDATE workflow_entrytext SET text = '{}'")
    assert refused("UPDATE workflow_entrytext SET text = ''")

    EntryText.objects.update(text="", salt=b"")

    assert refused("UPDATE workflow_entrytext SET text = 'again'")


def test_a_leaf_is_of_one_thing_only(entry):
    event = entry.case.events.first()

    with pytest.raises(DatabaseError), transaction.atomic():
        Leaf.objects.create(index=0, event=event, entry=entry, hash=entry.hash)


def test_the_leaves_are_still_kept(entry):
    Leaf.objects.create(index=0, entry=entry, hash=entry.hash)

    assert refused("UPDATE workflow_leaf SET hash = hash")
    assert refused("DELETE FROM workflow_leaf")
    assert refused(
        "INSERT INTO workflow_leaf (index, entry_id, hash) VALUES (7, %s, %s)"
        if connection.vendor == "postgresql"
        else 'INSERT INTO workflow_leaf ("index", entry_id, hash) VALUES (7, %s, %s)',
        entry.pk,
        bytes(entry.hash),
    )


def problems():
    return [*seals.check().problems, *entries.Check(Entry.objects.all())]


def test_a_register_that_nobody_touched_holds(entry):
    register.enter(EntryKind.SIGN_IN_FAILED, by=None, at=NOW)
    assert problems() == []

    seal()

    assert problems() == []
    assert not UnsealedEntry.objects.exists()
    assert bytes(Leaf.objects.get(entry=entry).hash) == entry.hash
    assert seal() is None


def test_a_sealer_that_stands_still_is_late_for_the_register_too(entry):
    assert sealing.fault(NOW) == "never sealed"


FORGED = {
    "kind": ("signed_out", "colonne kind"),
    "at": (NOW.replace(year=2025), "colonne at"),
    "actor": (None, "colonne actor"),
    "case": (None, "colonne case"),
    "hash": (bytes(32), "colonne hash"),
    "body": ("{}", "colonne hash"),
    "id": (9_999, "colonne hash : ce n’est pas celle de l’inscription"),
}


@pytest.mark.parametrize("column", FORGED)
def test_whatever_is_altered_in_the_register_is_named(entry, column):
    value, accused = FORGED[column]
    seal()
    with guards_down():
        Entry.objects.filter(pk=entry.pk).update(**{column: value})
        assert any(accused in problem for problem in problems())
        Entry.objects.filter(hash=bytes(32)).update(hash=entry.hash)
        Entry.objects.filter(id=9_999).update(id=entry.pk)


@pytest.mark.parametrize("changed", [{"text": "{}"}, {"salt": b"other"}])
def test_texts_that_were_changed_are_named(entry, changed):
    with guards_down():
        EntryText.objects.filter(pk=entry.pk).update(**changed)

    [problem] = problems()
    assert problem == (
        f"workflow_entrytext {entry.pk}, colonne text : les textes ont été modifiés."
    )


def test_texts_erased_in_silence_are_named_until_an_entry_says_so(entry):
    EntryText.objects.filter(pk=entry.pk).update(text="", salt=b"")
    [problem] = problems()
    assert "sans qu’aucune inscription le dise" in problem

    erased = {"basis": "RGPD, art. 17", "entries": [bytes(entry.hash).hex()]}
    register.enter(EntryKind.ERASED, by=entry.actor, at=NOW, facts=erased)

    assert problems() == []


def test_an_entry_put_in_or_torn_out_is_named(entry):
    seal()
    with guards_down():
        UnsealedEntry.objects.create(entry_id=9_999)
    assert "workflow_unsealedentry 9999 : il n’y a pas cette inscription." in problems()

    with guards_down():
        UnsealedEntry.objects.filter(entry=9_999).delete()
        UnsealedEntry.objects.create(entry=entry)
    assert "l’inscription est déjà scellée" in problems()[0]

    with guards_down():
        UnsealedEntry.objects.all().delete()
        Leaf.objects.filter(entry=entry)._raw_delete("default")
    assert any(f"workflow_entry {entry.pk}" in problem for problem in problems())


def test_the_command_counts_the_register_and_names_its_faults(entry, capsys):
    call_command("verify_trail", case=entry.case.reference)
    assert "inscriptions au registre : 1 ;" in capsys.readouterr().out

    with guards_down():
        Entry.objects.filter(pk=entry.pk).update(kind="signed_out")
    with pytest.raises(SystemExit):
        call_command("verify_trail")
    assert f"workflow_entry {entry.pk}, colonne kind" in capsys.readouterr().err


def test_the_night_verifies_the_register(entry):
    with guards_down():
        Entry.objects.filter(pk=entry.pk).update(kind="signed_out")

    assert verifications.verify_all(at=NOW, clock=lambda: NOW).found == 1


def kinds():
    return list(Entry.objects.order_by("pk").values_list("kind", flat=True))


def test_what_an_operator_does_is_entered(town, tmp_path):
    case = town.loan().case
    seal()

    call_command("export_trail", str(tmp_path / "one"), case=case.reference)
    call_command("export_trail", str(tmp_path / "all"))
    call_command("verify_trail", case=case.reference)
    new = Signer.of_pem(key().name, Signer.new_pem())
    sealing.rotate(by=key(), to=new, at=NOW)
    inspections.inspect(by=town.director, at=NOW, clock=lambda: NOW)
    inspections.inspect(by=None, at=NOW, clock=lambda: NOW)

    assert kinds() == [
        *("trail_exported", "trail_exported", "verified", "key_rotated"),
        "inspected",
    ]
    one, every, verified, rotated, _ = Entry.objects.order_by("pk")
    assert (one.case, every.case) == (case, None)
    facts = {"since": None, "until": None, "whole": True}
    assert json.loads(every.body)["facts"] == facts
    assert set(json.loads(every.text.text)) == {"operator"}
    facts = {"scope": "case", "since": None, "found": 0}
    assert (verified.case, json.loads(verified.body)["facts"]) == (case, facts)
    assert json.loads(rotated.body)["facts"]["key"] == str(new.verifier)


def test_a_substitution_set_and_revoked_is_entered_by_references(town):
    stands_in(town.director, town.librarian)
    with transaction.atomic():
        substitutions.revoke(
            substitution_id=Substitution.objects.get().pk, by=town.librarian, at=NOW
        )

    assert kinds() == ["substitution_set", "substitution_revoked"]
    entry = Entry.objects.earliest("pk")
    facts = json.loads(entry.body)["facts"]
    assert facts["principal"] == town.librarian.pk
    assert facts["substitute"] == town.director.pk
    assert str(town.director) not in entry.body


@pytest.mark.postgres
def test_the_roles_given_to_the_database_are_entered(db):
    call_command("harden_database", prefix="register_test")

    assert kinds() == ["hardened"]
