"""What is not as it should be is named, however true its hashes are."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.intruder import guards_down
from tests.library.factories import NOW
from tests.workflow.test_sealing import key, seal
from workflow import verifications
from workflow.models import (
    Case,
    Checkpoint,
    Entry,
    EntryKind,
    EntryText,
    Event,
    EventText,
    Leaf,
    Unsealed,
    UnsealedEntry,
)
from workflow.trail import (
    canonical,
    chain,
    entries,
    erasure,
    guards,
    notes,
    register,
    sealing,
    seals,
    verify,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(town):
    return town.loan_at("lent").case


@pytest.fixture
def entry(town):
    return register.enter(EntryKind.SIGNED_IN, by=town.reader, at=NOW)


# Texts


def hide(texts):
    """Move the beginning of a text into its salt: the hash of both is the same."""
    kept = texts.get()
    salt, text = bytes(kept.salt) + kept.text[:1].encode(), kept.text[1:]
    assert chain.commitment(salt, text) == chain.commitment(kept.salt, kept.text)
    with guards_down():
        texts.update(salt=salt, text=text)


def test_a_text_whose_beginning_was_hidden_in_its_salt_is_named(case, entry):
    hide(EventText.objects.filter(event__case=case, event__seq=2))
    hide(EntryText.objects.filter(entry=entry))

    [problem] = verify.problems_of(case)
    assert "2, table workflow_eventtext, colonne text" in problem
    [problem] = entries.Check(Entry.objects.all())
    assert f"workflow_entrytext {entry.pk}, colonne text" in problem


def test_texts_erased_by_an_act_that_came_before_them_are_named(town):
    case = town.loan().case
    foretold = chain.Entry(
        kind=erasure.KIND,
        actor=town.director,
        at=NOW,
        facts={"to": case.state, "erased": [1, 2, 3], "basis": "RGPD"},
    )
    chain.append(case, foretold)
    case.save_head()
    assert verify.problems_of(case) == []

    EventText.objects.filter(event__case=case).update(text="", salt=b"")

    [problem] = verify.problems_of(case)
    assert f"{case.reference}/2, table workflow_eventtext" in problem
    assert "effacés sans qu’aucun événement le dise" in problem


def rewritten(event, change):
    """Write a body otherwise, and every hash after it."""
    body = change(event.body)
    found = chain.link(bytes(event.previous_hash), body)
    with guards_down():
        Event.objects.filter(pk=event.pk).update(body=body, hash=found)
        Case.objects.filter(pk=event.case_id).update(latest_hash=found)


AMBIGUOUS = {
    "with blanks": lambda body: body.replace(",", ", "),
    "a name twice": lambda body: '{"actor":0,' + body[1:],
    "a float": lambda body: body.replace('"v":1', '"v":1.0'),
    "too large": lambda body: body.replace('"v":1', f'"v":{2**53}'),
    "half a character": lambda body: body.replace('"v":1', '"v":1,"z":"\\ud800"'),
}


@pytest.mark.parametrize("how", AMBIGUOUS)
def test_a_body_that_two_programs_might_not_read_alike_is_named(case, how, capsys):
    rewritten(Event.objects.filter(case=case).latest("seq"), AMBIGUOUS[how])
    assert verify.problems_of(case) == []

    [problem] = verify.ambiguous(Case.objects.all())
    assert problem.startswith(f"workflow_event {case.reference}/3, colonne body")
    with pytest.raises(SystemExit):
        call_command("verify_trail", case=case.reference)
    assert problem in capsys.readouterr().err
    assert verifications.verify_all(at=NOW, clock=lambda: NOW).found == 1


def test_texts_that_two_programs_might_not_read_alike_are_named(case, entry):
    text = '{"actor":"Rose","actor":"Ivan"}'
    with guards_down():
        for table in ("event", "entry"):
            [[number, body]] = rows(table)
            salt = bytes(16)
            said = json.loads(body) | {"texts": chain.commitment(salt, text)}
            body = canonical.text_of(said)
            with connection.cursor() as cursor:
                cursor.execute(
                    f"UPDATE workflow_{table}text SET salt = %s, text = %s"  # noqa: S608
                    f" WHERE {table}_id = %s",
                    [salt, text, number],
                )
            if table == "event":
                rewritten(Event.objects.get(pk=number), lambda _, body=body: body)
            else:
                found = register.fingerprint(body)
                Entry.objects.filter(pk=number).update(body=body, hash=found)

    [problem] = verify.ambiguous(Case.objects.all())
    assert "table workflow_eventtext, colonne text" in problem
    [problem] = entries.Check(Entry.objects.all())
    assert f"workflow_entrytext {entry.pk}, colonne text" in problem


def rows(table):
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, body FROM workflow_{table} ORDER BY id DESC LIMIT 1"  # noqa: S608
        )
        return cursor.fetchall()


def test_the_text_of_a_record_is_canonical_and_no_other():
    record = {"b": [1, None, True], "a": "é\n\x7f/", "\ufb33": {}, "😀": -1}
    text = canonical.text_of(record)

    assert canonical.is_canonical(text)
    for other in ("", "[", f"{text} ", text.replace("é", "\\u00e9"), '{"a":1e3}'):
        assert not canonical.is_canonical(other)
    assert not canonical.is_canonical("[" * 100_000)


# The sealer


def test_a_row_that_waits_a_second_time_does_not_stop_the_sealer(case, entry, town):
    """Whoever could add such rows would otherwise keep all that follows unsealed."""
    seal()
    event = Event.objects.filter(case=case).earliest("seq")
    with guards_down():
        Unsealed.objects.create(event=event)
        UnsealedEntry.objects.create(entry=entry)
    town.loan()

    assert seal() is not None

    assert len(list(seals.check().problems)) == 2
    assert not Event.objects.filter(leaf=None).exists()


def test_what_is_sealed_during_a_verification_is_no_fault(case, town, monkeypatch):
    seal()

    class Meanwhile(seals.Frontier):
        def add(self, entry):
            if not self.size:
                town.loan()
                sealing.seal(by=key(), at=NOW)
            super().add(entry)

    monkeypatch.setattr(seals, "Frontier", Meanwhile)
    log = seals.Log(tree=Meanwhile())
    monkeypatch.setattr(seals, "Log", lambda: log)

    assert seals.check().problems == []
    assert log.tree.size < Leaf.objects.count()


# The command, on some cases


def test_one_case_is_verified_with_its_seals(case, town, capsys):
    seal()
    leaf = Leaf.objects.get(event__case=case, event__seq=2)
    with guards_down():
        Leaf.objects.filter(pk=leaf.pk).update(hash=bytes(32))

    with pytest.raises(SystemExit):
        call_command("verify_trail", case=case.reference)

    said = capsys.readouterr().err
    assert f"workflow_leaf {leaf.pk}, colonne hash" in said
    assert "workflow_checkpoint" in said


@pytest.mark.parametrize("which", ["case", "since"])
def test_some_cases_are_compared_with_a_witness(case, town, tmp_path, which, capsys):
    seal()
    witness = tmp_path / "day.note"
    witness.write_text(Checkpoint.objects.latest("size").note)
    asked = {"case": case.reference} if which == "case" else {"since": NOW.date()}
    town.loan()
    seal()

    call_command("verify_trail", witness=[witness], **asked)

    other = notes.checkpoint(key().name, 2, bytes(32), NOW)
    witness.write_text(notes.signed(other, [key()]))
    with pytest.raises(SystemExit):
        call_command("verify_trail", witness=[witness], **asked)
    assert "a vu un autre journal" in capsys.readouterr().err
    witness.write_text("rien")
    with pytest.raises(SystemExit):
        call_command("verify_trail", witness=[witness], **asked)
    assert "illisible" in capsys.readouterr().err


# The guards


def test_the_guards_stand_as_this_version_made_them(db):
    assert list(guards.problems()) == []


def altered(name):
    """Take a guard down, or have it guard nothing; return what is said of it."""
    table, trigger = name.split(".")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
            yield "désarmé"
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")
            yield "désarmé"
        cursor.execute(
            f"DROP TRIGGER {trigger}"
            + (f" ON {table}" if connection.vendor == "postgresql" else "")
        )
        yield "manque"
        if connection.vendor == "postgresql":
            cursor.execute(
                f"CREATE TRIGGER {trigger} BEFORE DELETE ON {table} FOR EACH ROW"
                " WHEN (false) EXECUTE FUNCTION workflow_refuse()"
            )
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
        else:
            cursor.execute(
                f"CREATE TRIGGER {trigger} BEFORE DELETE ON {table} WHEN 0"
                " BEGIN SELECT 1; END"
            )
        yield "n’est plus celui"


@pytest.mark.parametrize(
    "name", ["workflow_event.event_is_not_deleted", "workflow_leaf.leaf_is_next"]
)
def test_a_guard_that_does_not_guard_is_named(db, name, capsys):
    table, trigger = name.split(".")
    for said in altered(name):
        [problem] = guards.problems()
        assert problem.startswith(f"{table} : le garde {trigger} ")
        assert said in problem
        assert verifications.verify_all(at=NOW, clock=lambda: NOW).found == 1
    with pytest.raises(SystemExit):
        call_command("verify_trail")


@pytest.mark.postgres
def test_a_guard_whose_function_was_emptied_is_named(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION workflow_refuse() RETURNS trigger"
            " LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
        )

    problems = list(guards.problems())

    assert len(problems) == sum(
        "refused" in n or "_not_" in n for n in guards.POSTGRESQL
    )
    assert all("n’est plus celui" in problem for problem in problems)


@pytest.mark.postgres
def test_what_stands_beside_the_guards_is_named(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE RULE trick AS ON INSERT TO workflow_event DO INSTEAD NOTHING"
        )

    [problem] = guards.problems()

    assert problem == "workflow_event : trick n’est pas un garde de cette version."


def test_a_case_that_is_not_there_is_not_verified(db):
    with pytest.raises(CommandError, match="L-1789-00001"):
        call_command("verify_trail", case="L-1789-00001")
