"""Every night the whole trail is verified; what lies is told the same night."""

import datetime

import pytest
from django.core.management import call_command

from tests.intruder import guards_down
from tests.library.factories import NOW
from tests.workflow.test_sealing import seal, truncate
from workflow import verifications
from workflow.models import Checkpoint, Event
from workflow.tasks import seal as seal_task
from workflow.tasks import verify as verify_task
from workflow.trail import witnesses

pytestmark = pytest.mark.django_db


def night(at=NOW):
    return verifications.verify_all(at=at, clock=lambda: at)


@pytest.fixture
def case(town):
    case = town.loan_at("lent").case
    seal()
    return case


def test_a_night_counts_what_it_verified(case):
    done = night()

    assert (done.cases, done.events, done.size, done.found) == (1, 3, 4, 0)
    assert verifications.fault(NOW) == ""


def test_a_planted_corruption_is_told_the_same_night(case):
    with guards_down():
        Event.objects.filter(case=case, seq=2).update(role="mayor")

    done = night()

    [fault] = done.faults.all()
    assert f"{case.reference}/2, colonne role" in fault.message
    assert verifications.fault(NOW) == "1 faults"


def test_a_night_without_verification_is_told(case):
    assert verifications.fault(NOW) == "never verified"
    night()
    assert "ago" in verifications.fault(NOW + datetime.timedelta(hours=27))


def test_only_the_first_faults_are_kept_and_all_are_counted(town, monkeypatch):
    monkeypatch.setattr(verifications, "KEPT", 2)
    town.loans(5)
    with guards_down():
        Event.objects.update(role="mayor")

    done = night()

    assert (done.found, done.faults.count()) == (5, 2)


def test_each_day_has_its_witness_which_nothing_writes_over(case, tmp_path, settings):
    settings.WITNESS_DIR = str(tmp_path)
    first = Checkpoint.objects.get()

    witnesses.keep(first, at=NOW)
    first.note = "autre"
    witnesses.keep(first, at=NOW)

    assert [path.name for path in tmp_path.iterdir()] == ["2026-03-02.note"]
    assert witnesses.kept() == [Checkpoint.objects.get().note]


def test_a_witness_cut_short_leaves_nothing_and_is_written_anew(
    case, tmp_path, settings, monkeypatch
):
    settings.WITNESS_DIR = str(tmp_path)
    checkpoint = Checkpoint.objects.get()

    def cut(descriptor):
        raise OSError("disk full")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", cut)
        witnesses.keep(checkpoint, at=NOW)
    assert [*tmp_path.iterdir()] == []

    # What a process that died left of its draft is no witness.
    (tmp_path / ".2026-03-02.note.0").touch()
    witnesses.keep(checkpoint, at=NOW)
    assert witnesses.kept() == [checkpoint.note]


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(b"\xff" + path.read_bytes()),
        lambda path: (path.unlink(), path.mkdir()),
        lambda path: path.write_bytes(b""),
    ],
    ids=["not a text", "not a file", "empty"],
)
def test_a_damaged_witness_is_a_fault_and_stops_no_night(
    case, tmp_path, settings, damage
):
    settings.WITNESS_DIR = str(tmp_path)
    witnesses.keep(Checkpoint.objects.get(), at=NOW)
    damage(tmp_path / "2026-03-02.note")

    done = night()

    assert [fault.message for fault in done.faults.all()] == [
        "Un témoin est illisible."
    ]
    assert done.cases == 1


def test_a_backup_restored_is_told_by_its_witness(case, town, tmp_path, settings):
    settings.WITNESS_DIR = str(tmp_path)
    early = Checkpoint.objects.get().size
    town.loan()
    witnesses.keep(seal(), at=NOW)
    truncate(early)

    assert night().faults.get().message.endswith("en a vu 5.")


def test_what_celery_runs(town, tmp_path, settings):
    key = tmp_path / "key.pem"
    call_command("sealing_key", str(key))
    settings.SEALING_KEY_FILE = str(key)
    town.loan()

    assert seal_task() == 2
    assert seal_task() == 0
    assert verify_task() == 0
