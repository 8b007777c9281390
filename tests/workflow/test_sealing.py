"""Events are sealed, all of them, once; whatever is altered in the seals is found."""

import base64
import datetime
import functools
import threading
import time

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from tests.intruder import guards_down
from tests.library import lifecycle
from tests.library.factories import NOW, fire
from workflow.models import (
    Case,
    Checkpoint,
    EntryKind,
    Event,
    Leaf,
    SealingKey,
    Unsealed,
)
from workflow.trail import merkle, register, sealing, seals
from workflow.trail.notes import NotANote, Note, Signer, Verifier

pytestmark = pytest.mark.django_db

ORIGIN = "erbm.invalid/journal"
LATER = NOW + datetime.timedelta(hours=1)


@functools.cache
def key():
    return Signer.of_pem(ORIGIN, Signer.new_pem())


def seal(at=NOW):
    return sealing.seal(by=key(), at=at)


@pytest.fixture
def log(town):
    """Seal two days of a library."""
    loan = town.loan_at("lent")
    seal()
    fire(loan, lifecycle.PROCESS.move("return"), by=town.reader)
    town.loan_at("given")
    seal(LATER)


def test_nothing_waits_once_all_is_sealed(log):
    assert Unsealed.objects.count() == 0
    assert Leaf.objects.count() == Event.objects.count() + 1  # and the key
    assert seals.check().problems == []


def test_nothing_to_seal_makes_no_checkpoint(log):
    assert seal(LATER) is None
    assert Checkpoint.objects.count() == 2


def test_a_checkpoint_is_a_note_that_anybody_can_check(log):
    latest = Checkpoint.objects.latest("size")
    note = Note.of(latest.note)

    assert note.checkpoint == (ORIGIN, latest.size, bytes(latest.root))
    assert key().verifier.vouches(note)
    assert not Signer.of_pem(ORIGIN, Signer.new_pem()).verifier.vouches(note)


def test_a_verifier_is_read_as_it_is_written():
    verifier = key().verifier

    assert Verifier.of(str(verifier)) == verifier
    for false in ("", "a+b+c", str(verifier)[:-4] + "AAA=", "x" + str(verifier)):
        with pytest.raises(NotANote):
            Verifier.of(false)


@pytest.mark.parametrize(
    "note", ["", "a\n\nb\n", "a\n\n\u2014 x !\n", "a\n\n- x eA==\n"]
)
def test_what_is_not_a_note_is_refused(note):
    with pytest.raises(NotANote):
        Note.of(note)


def test_each_root_continues_the_one_before(log):
    hashes = Leaf.objects.order_by("index").values_list("hash", flat=True)
    leaves = [merkle.leaf(bytes(found)) for found in hashes]
    first, second = Checkpoint.objects.order_by("size")

    proof = merkle.consistency(leaves[: second.size], first.size)

    assert merkle.is_consistent(
        (first.size, bytes(first.root)), (second.size, bytes(second.root)), proof
    )


def test_a_key_succeeds_another_which_vouches_for_it(log, town):
    new = Signer.of_pem(ORIGIN, Signer.new_pem())

    sealing.rotate(by=key(), to=new, at=LATER)
    town.loan()
    sealing.seal(by=new, at=LATER)

    assert seals.check().problems == []
    with pytest.raises(sealing.SealRefused):
        seal(LATER)


def test_a_key_that_nobody_vouches_for_seals_nothing(log, town):
    town.loan()

    with pytest.raises(sealing.SealRefused):
        sealing.seal(by=Signer.of_pem(ORIGIN, Signer.new_pem()), at=LATER)


def test_a_process_without_the_key_cannot_seal(settings):
    settings.SEALING_KEY_FILE = ""

    with pytest.raises(ImproperlyConfigured):
        sealing.signer()


def test_a_key_is_its_owners_alone_and_never_written_over_another(tmp_path, settings):
    path = tmp_path / "key.pem"

    call_command("sealing_key", str(path))

    assert path.stat().st_mode & 0o777 == 0o600
    settings.SEALING_KEY_FILE = str(path)
    assert sealing.signer().name == settings.TRAIL_ORIGIN
    with pytest.raises(CommandError, match="existe"):
        call_command("sealing_key", str(path))


FORGED = {
    "leaf hash": (Leaf, {"hash": bytes(32)}, "workflow_leaf"),
    "leaf event": (Leaf, {"event_id": lambda row: spare()}, "workflow_leaf"),
    "checkpoint root": (Checkpoint, {"root": bytes(32)}, "colonne root"),
    "checkpoint peaks": (Checkpoint, {"peaks": bytes(64)}, "colonne peaks"),
    "checkpoint at": (Checkpoint, {"at": NOW.replace(year=2025)}, "colonne note"),
    "checkpoint note": (Checkpoint, {"note": "rien"}, "illisible"),
    "checkpoint size": (Checkpoint, {"size": 2}, "workflow_checkpoint"),
    "key verifier": (SealingKey, {"verifier": "autre"}, "colonne verifier"),
    "key body": (SealingKey, {"body": "{}"}, "colonne hash"),
    "key hash": (SealingKey, {"hash": bytes(32)}, "colonne hash"),
    "key declared_at": (SealingKey, {"declared_at": LATER}, "colonne declared_at"),
}


def spare():
    """Return an event whose leaf was torn out."""
    leaf = Leaf.objects.latest("index")
    number = leaf.event_id
    Leaf.objects.filter(pk=leaf.pk)._raw_delete("default")
    return number


@pytest.mark.parametrize("forged", FORGED)
def test_whatever_is_altered_in_the_seals_is_named(log, forged):
    model, changes, accused = FORGED[forged]
    with guards_down():
        row = model.objects.order_by("pk")[int(model is Leaf)]
        values = {k: v(row) if callable(v) else v for k, v in changes.items()}
        model.objects.filter(pk=row.pk).update(**values)

        assert any(accused in problem for problem in seals.check().problems)


def test_a_checkpoint_signed_by_another_key_is_found(log):
    latest = Checkpoint.objects.latest("size")
    text = Note.of(latest.note).text
    forger = Signer.of_pem(ORIGIN, Signer.new_pem())
    with guards_down():
        Checkpoint.objects.filter(pk=latest.pk).update(
            note=f"{text}\n{forger.signature(text)}"
        )

    assert any("signature est fausse" in p for p in seals.check().problems)


@pytest.mark.parametrize("place", ["first", "last"])
def test_a_leaf_torn_out_is_found(log, place):
    with guards_down():
        leaf = getattr(Leaf.objects.order_by("index"), place)()
        Leaf.objects.filter(pk=leaf.pk)._raw_delete("default")

    assert any("manque" in problem for problem in seals.check().problems)


def test_the_last_leaf_moved_away_is_named_by_its_place(log):
    last = Leaf.objects.order_by("-index").first()
    with guards_down():
        Leaf.objects.filter(pk=last.pk).update(index=last.index + 40)

    told = f"la feuille {last.index} manque."
    assert [one for one in seals.check().problems if one.endswith(told)]


def test_leaves_exchanged_are_found(log):
    one, two = Leaf.objects.order_by("index")[2:4]
    with guards_down():
        Leaf.objects.filter(pk=one.pk).update(hash=two.hash)
        Leaf.objects.filter(pk=two.pk).update(hash=one.hash)

    assert len(seals.check().problems) >= 2


def test_an_event_that_never_waited_is_found(town):
    town.loan()
    with guards_down():
        Unsealed.objects.all().delete()

    [problem] = seals.check().problems
    assert "ni scellé, ni en attente" in problem


def truncate(size):
    """Forget the end of the log, as a backup restored does."""
    with guards_down():
        Checkpoint.objects.filter(size__gt=size)._raw_delete("default")
        gone = Leaf.objects.filter(index__gte=size)
        for event in list(gone.values_list("event_id", flat=True)):
            Unsealed.objects.create(event_id=event)
        gone._raw_delete("default")


def test_a_log_cut_short_is_only_found_by_a_witness(log):
    witness = Checkpoint.objects.latest("size").note
    truncate(Checkpoint.objects.earliest("size").size)

    assert seals.check().problems == []
    [problem] = seals.check([witness]).problems
    assert "un témoin en a vu" in problem


def test_a_log_signed_anew_with_the_stolen_key_is_only_found_by_a_witness(log):
    witness = Checkpoint.objects.latest("size").note
    event = Event.objects.latest("pk")
    truncate(Checkpoint.objects.earliest("size").size)
    with guards_down():
        Event.objects.filter(pk=event.pk).update(hash=bytes(32))
    seal(LATER)

    assert seals.check().problems == []
    assert any("autre racine" in p for p in seals.check([witness]).problems)


def test_a_sealer_refuses_to_go_on_from_a_checkpoint_that_lies(log, town):
    with guards_down():
        Checkpoint.objects.order_by("-size").update(peaks=bytes(96))
    town.loan()

    with pytest.raises(sealing.SealRefused):
        seal(LATER)


def an_event(town, at):
    town.loan(at=at)


def an_entry(town, at):
    register.enter(EntryKind.SIGN_IN_FAILED, by=None, at=at)


@pytest.mark.parametrize("happens", [an_event, an_entry])
def test_a_sealer_is_late_for_what_waits_and_not_after_a_lull(log, town, happens):
    after_a_lull = LATER + datetime.timedelta(hours=9)
    assert sealing.fault(after_a_lull) == ""

    happens(town, after_a_lull)
    late = after_a_lull + sealing.LATE
    assert sealing.fault(late) == ""
    an_event(town, late)

    told = sealing.fault(late + datetime.timedelta(seconds=1))
    assert told == "oldest unsealed 0:15:01 ago"
    seal(late)
    assert sealing.fault(late + datetime.timedelta(hours=1)) == ""


@pytest.mark.postgres
@pytest.mark.slow  # transactions that last
@pytest.mark.django_db(transaction=True)
def test_no_event_escapes_however_late_it_is_committed():
    """Sealer and writers together: the last to commit began before all the others."""
    from tests.library.factories import Town

    town = Town()
    loans = town.loans(8)
    over = threading.Event()

    def write(number):
        try:
            for _ in range(3):
                with transaction.atomic():
                    move = lifecycle.ASK
                    case = Case.objects.select_for_update().get(pk=loans[number].pk)
                    _append(town, case, move)
                    time.sleep((7 - number) / 10)
        finally:
            connection.close()

    def keep_sealing():
        while not over.wait(0.05):
            seal()
        connection.close()

    sealer = threading.Thread(target=keep_sealing)
    writers = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in (sealer, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    sealer.join()
    seal()

    assert Leaf.objects.filter(event__isnull=False).count() == 8 * 4
    assert Checkpoint.objects.count() > 2
    assert seals.check().problems == []


def _append(town, case, move):
    from workflow.trail import chain

    entry = chain.Entry(
        kind="move", move=move.name, actor=town.reader, at=NOW, facts={"to": case.state}
    )
    chain.append(case, entry)
    case.save(update_fields=["latest_seq", "latest_hash"])


def test_a_note_is_written_as_others_read_it(log):
    first = Checkpoint.objects.earliest("size")
    text, _, signatures = first.note.rpartition("\n\n")
    origin, size, root, at = text.split("\n")

    assert (origin, int(size)) == (ORIGIN, first.size)
    assert base64.b64decode(root) == bytes(first.root)
    assert at == "2026-03-02T09:00:00.000000Z"
    assert signatures.startswith(f"\u2014 {ORIGIN} ")
