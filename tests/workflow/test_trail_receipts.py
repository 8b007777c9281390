"""A receipt holds the trail to what it was, even before anything is sealed."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.intruder import guards_down
from tests.library.factories import NOW
from tests.workflow.test_sealing import LATER, key, seal
from workflow.models import Checkpoint, Event
from workflow.trail import bundle, receipts, sealing
from workflow.trail.receipts import NotAReceipt, Receipt

pytestmark = pytest.mark.django_db

VERIFIER = Path(bundle.__file__).with_name("verifier.py")
HASH = "3f" * 32


@pytest.fixture
def loan(town):
    return town.loan_at("lent")


def latest(loan):
    return Event.objects.filter(case=loan.case).latest("seq")


def verified(*given):
    """Verify the whole trail against receipts, and return what was wrong."""
    errors = StringIO()
    try:
        call_command("verify_trail", receipt=given, stdout=StringIO(), stderr=errors)
    except SystemExit:
        return errors.getvalue()
    return ""


def exported(folder, *given):
    """Do the same with an export and its verifier."""
    call_command("export_trail", str(folder), stdout=StringIO())
    asked = [more for one in given for more in ("--recu", one)]
    command = [sys.executable, "-I", str(VERIFIER), str(folder), *asked]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def cut_off_the_tail(loan):
    """Take the latest event away, as if it had never been."""
    gone = latest(loan)
    before = Event.objects.get(case=loan.case, seq=gone.seq - 1)
    with guards_down(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM workflow_eventtext WHERE event_id = %s", [gone.pk])
        cursor.execute("DELETE FROM workflow_unsealed WHERE event_id = %s", [gone.pk])
        cursor.execute("DELETE FROM workflow_signature WHERE event_id = %s", [gone.pk])
        cursor.execute("DELETE FROM workflow_event WHERE id = %s", [gone.pk])
        cursor.execute(
            "UPDATE workflow_case SET latest_seq = %s, latest_hash = %s, state = %s,"
            " version = %s WHERE id = %s",
            [
                before.seq,
                bytes(before.hash),
                json.loads(before.body)["facts"]["to"],
                before.case_version,
                loan.case.pk,
            ],
        )


@pytest.mark.parametrize("size", [None, 12])
def test_a_receipt_is_read_as_it_is_written(size):
    receipt = Receipt("L-2026-00001", 7, HASH, size)

    assert receipts.read(str(receipt)) == receipt
    assert receipts.read(f" Reçu : {receipt}\n") == receipt
    assert receipts.read(receipt.short) == Receipt("L-2026-00001", 7, HASH)
    assert receipts.read(receipt.short.replace("\xa0", " ")).seq == 7


@pytest.mark.parametrize(
    "text",
    [
        "",
        "L-1 · n° 7",
        f"L-1 · n° 0 · {HASH}",
        f"L-1 · n° 7 · {HASH}ff",
        "L-1 · n° 7 · 3f3f3f",
        f"L-1 · n° 7 · {HASH.upper()}",
        f"L-1 · n° 7 · {HASH} · point de contrôle 0",
        f"L-1 · n° 7 · {HASH} · autre chose",
    ],
)
def test_what_is_not_a_receipt_is_refused(text):
    with pytest.raises(NotAReceipt):
        receipts.read(text)
    with pytest.raises(CommandError, match="pas un reçu"):
        call_command("verify_trail", receipt=[text], stdout=StringIO())


def test_it_waits_until_it_is_sealed_and_then_names_the_first_checkpoint(loan, town):
    event = latest(loan)
    assert str(receipts.of_event(event)).endswith("en attente de sceau")

    seal()
    first = Checkpoint.objects.get().size
    town.loan()
    seal(LATER)

    receipt = receipts.of_event(event)
    assert receipt.size == first
    assert str(receipt).endswith(f"point de contrôle {first}")
    assert receipts.of_case(loan.case)[event.seq] == receipt
    assert len(receipts.of_case(loan.case)) == event.seq


@pytest.mark.slow
def test_a_trail_that_nobody_touched_honours_its_receipts(loan, tmp_path):
    before = str(receipts.of_event(latest(loan)))
    seal()
    after = str(receipts.of_event(latest(loan)))

    assert verified(before, after) == ""
    done = exported(tmp_path / "e", before, after)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_a_tail_cut_off_before_its_seal_is_only_found_by_its_receipt(loan, tmp_path):
    given = str(receipts.of_event(latest(loan)))
    cut_off_the_tail(loan)

    assert verified() == ""
    assert exported(tmp_path / "without").returncode == 0
    number = receipts.read(given).seq
    assert f"le journal s’arrête à l’événement {number - 1}" in verified(given)
    done = exported(tmp_path / "with", given)
    assert done.returncode == 1
    assert "n’est pas dans l’export" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("altered", "said"),
    [
        (lambda r: Receipt("L-1999-00001", r.seq, r.hash), "aucun dossier"),
        (lambda r: Receipt(r.reference, 99, r.hash), "s’arrête"),
        (lambda r: Receipt(r.reference, r.seq, HASH), "plus celui du reçu"),
        (lambda r: Receipt(r.reference, r.seq, r.hash, 1), "scelle plus"),
        (lambda r: Receipt(r.reference, r.seq, r.hash[:12], 1), "scelle plus"),
    ],
)
def test_another_receipt_is_refused_by_both(loan, tmp_path, altered, said):
    seal()
    given = str(altered(receipts.of_event(latest(loan))))

    assert said in verified(given)
    assert exported(tmp_path / "e", given).returncode == 1


@pytest.mark.slow
def test_a_receipt_sealed_is_denied_by_a_log_that_starts_again(loan, town):
    seal()
    given = str(receipts.of_event(latest(loan)))
    with guards_down(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM workflow_leaf")
        cursor.execute("DELETE FROM workflow_checkpoint")
        cursor.execute("DELETE FROM workflow_sealingkey")
        cursor.execute(
            "INSERT INTO workflow_unsealed (event_id) SELECT id FROM workflow_event"
        )
    town.loan()
    sealing.seal(by=key(), at=NOW, limit=1)

    assert "ne le scelle plus" in verified(given)
