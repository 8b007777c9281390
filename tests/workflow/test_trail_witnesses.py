"""Witnesses are told of each day once, and none of them keeps the sealer waiting."""

import datetime
import email
import shutil
import socket
import socketserver
import subprocess
import sys
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import call_command

from tests.intruder import guards_down
from tests.library.factories import NOW
from tests.workflow.authority import answered_by, make, openssl, serving
from tests.workflow.test_sealing import key, seal
from workflow import models, tasks, testimonies, verifications
from workflow.models import Checkpoint, Timestamp, Witness
from workflow.trail import bundle, timestamps, witnesses
from workflow.trail.timestamps import TimestampRefused

pytestmark = pytest.mark.django_db

VERIFIER = Path(bundle.__file__).with_name("verifier.py")
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)


@pytest.fixture
def first(town):
    """Seal the first events of a day, then others."""
    town.loan()
    made = seal()
    town.loan()
    seal(NOW + HOUR)
    return made


def why():
    """Say which witness was missed, and why, as its administrator reads it."""
    [one] = testimonies.missed(NOW + HOUR)
    return f"{one.witness}: {one.why}"


# By e-mail


@pytest.fixture
def auditors(settings):
    settings.WITNESS_EMAILS = ["cour@comptes.example", "audit@example.org"]
    return settings.WITNESS_EMAILS


def test_a_mailbox_receives_the_first_checkpoint_of_the_day_once(first, auditors):
    told = [testimonies.give_due(at=NOW + n * HOUR) for n in (1, 2, 3)]

    assert told == [1, 0, 0]
    [letter] = mail.outbox
    assert letter.to == auditors
    assert first.note.rstrip() in letter.body
    name, content, kind = letter.attachments[0]
    assert (name, content) == (f"{NOW.date()}.note", first.note)
    assert kind == "text/plain"
    parsed = email.message_from_bytes(letter.message().as_bytes())
    assert parsed["Message-ID"] == f"<checkpoint.{NOW.date()}@erbm.invalid>"


def test_what_the_mailbox_kept_is_what_the_verifier_takes(first, auditors, tmp_path):
    testimonies.give_due(at=NOW + HOUR)
    parsed = email.message_from_bytes(mail.outbox[0].message().as_bytes())
    [_, attached] = parsed.get_payload()
    kept = tmp_path / "kept.note"
    kept.write_bytes(attached.get_payload(decode=True))
    call_command("export_trail", str(tmp_path / "e"), stdout=StringIO())

    assert kept.read_text() == first.note
    command = [sys.executable, "-I", VERIFIER, tmp_path / "e", "--temoin", kept]
    assert subprocess.run(command, check=False).returncode == 0


def test_each_day_is_told(first, auditors, town):
    testimonies.give_due(at=NOW + HOUR)
    town.loan()
    second = seal(NOW + DAY)

    assert testimonies.give_due(at=NOW + DAY) == 1
    assert mail.outbox[-1].attachments[0][1] == second.note
    assert models.Testimony.objects.count() == 2


def test_nothing_sealed_on_a_day_is_nothing_to_tell(first, auditors):
    assert testimonies.give_due(at=NOW + DAY) == 0
    assert testimonies.fault(NOW + DAY + HOUR) == ""


def test_nobody_named_is_told_nothing(first):
    assert testimonies.give_due(at=NOW + HOUR) == 0
    assert not models.Testimony.objects.exists()
    assert testimonies.fault(NOW + DAY) == ""


def test_workers_at_once_tell_once(first, auditors, monkeypatch):
    tell = testimonies._GIVE[Witness.EMAIL]

    def tell_meanwhile(checkpoint, day):
        assert testimonies.give_due(at=NOW + HOUR) == 0
        tell(checkpoint, day)

    monkeypatch.setitem(testimonies._GIVE, Witness.EMAIL, tell_meanwhile)

    assert testimonies.give_due(at=NOW + HOUR) == 1
    assert len(mail.outbox) == 1


# What fails


def broken(checkpoint, day):
    raise OSError("mailbox full")


def test_a_witness_that_fails_is_asked_again_and_shown(
    first, auditors, monkeypatch, client
):
    with monkeypatch.context() as patch:
        patch.setitem(testimonies._GIVE, Witness.EMAIL, broken)
        assert testimonies.give_due(at=NOW + HOUR) == 0
        assert testimonies.give_due(at=NOW + HOUR) == 0  # not before a while

    assert why() == "email: OSError: mailbox full"
    assert testimonies.fault(NOW + HOUR) == "email not told"
    assert testimonies.give_due(at=NOW + 2 * HOUR) == 1
    assert testimonies.fault(NOW + 2 * HOUR) == ""


def test_one_that_fails_keeps_no_other_waiting(
    first, auditors, monkeypatch, settings, tmp_path
):
    monkeypatch.setitem(testimonies._GIVE, Witness.EMAIL, broken)
    with syslog(tmp_path) as (address, received):
        settings.WITNESS_SYSLOG = address
        assert testimonies.give_due(at=NOW + HOUR) == 1
        assert received()


def test_a_fault_is_not_told_before_the_witness_had_time(first, auditors):
    assert testimonies.fault(NOW + HOUR / 2) == ""
    assert testimonies.fault(NOW + HOUR) == "email not told"


def test_a_folder_that_refuses_does_not_stop_the_sealer(first, settings, tmp_path):
    settings.WITNESS_DIR = str(tmp_path / "nowhere")

    witnesses.keep(first, at=NOW)

    assert testimonies.fault(NOW + HOUR) == "folder not told"
    (tmp_path / "nowhere").mkdir()
    witnesses.keep(first, at=NOW)
    assert testimonies.fault(NOW + HOUR) == ""


def test_sealing_never_meets_a_witness(town, auditors, monkeypatch, settings, tmp_path):
    monkeypatch.setitem(testimonies._GIVE, Witness.EMAIL, broken)
    settings.WITNESS_DIR = str(tmp_path / "nowhere")
    path = tmp_path / "key.pem"
    path.write_bytes(key().new_pem())
    settings.SEALING_KEY_FILE = str(path)
    town.loan()

    assert tasks.seal() == Checkpoint.objects.get().size
    assert tasks.tell_witnesses() == 0


# By syslog


@contextmanager
def syslog(folder):
    """Listen as a syslog does, on a socket of this machine."""
    path = str(folder / "log")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(path)
        listening.settimeout(5)
        yield path, lambda: listening.recv(8192).decode()


def test_a_syslog_receives_it(first, settings, tmp_path):
    with syslog(tmp_path) as (address, received):
        settings.WITNESS_SYSLOG = address
        assert testimonies.give_due(at=NOW + HOUR) == 1
        line = received()

    assert line.startswith("<86>trail: checkpoint 2")  # authpriv, info
    assert first.note.rstrip("\n").replace("\n", " | ") in line


@pytest.mark.parametrize("scheme", ["udp", "tcp"])
def test_a_syslog_far_away_receives_it(first, settings, scheme):
    got = []

    class Listening(socketserver.BaseRequestHandler):
        def handle(self):
            got.append(self.request[0] if scheme == "udp" else self.request.recv(8192))

    kind = {"udp": socketserver.UDPServer, "tcp": socketserver.TCPServer}[scheme]
    with kind(("127.0.0.1", 0), Listening) as server:
        server.timeout = 5
        settings.WITNESS_SYSLOG = f"{scheme}://127.0.0.1:{server.server_address[1]}"
        assert testimonies.give_due(at=NOW + HOUR) == 1
        server.handle_request()

    assert b"checkpoint" in got[0]


@pytest.mark.parametrize(
    ("address", "fault"),
    [
        ("/nowhere/log", "FileNotFoundError"),
        ("tcp://127.0.0.1:1", "ConnectionRefusedError"),
        ("ftp://example.org", "ImproperlyConfigured"),
        ("udp://", "ImproperlyConfigured"),
    ],
)
def test_a_syslog_that_is_not_there_is_told(first, settings, address, fault):
    settings.WITNESS_SYSLOG = address

    assert testimonies.give_due(at=NOW + HOUR) == 0
    assert why().startswith(f"syslog: {fault}")


# By timestamp


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return make(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def stamped(first, authority, settings, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with serving(answered_by(authority), settings, authority):
        assert testimonies.give_due(at=NOW + HOUR) == 1
        assert testimonies.give_due(at=NOW + 2 * HOUR) == 0
    return Timestamp.objects.get()


def verified():
    """Verify the whole trail, and return what was wrong."""
    errors = StringIO()
    try:
        call_command("verify_trail", stdout=StringIO(), stderr=errors)
    except SystemExit:
        return errors.getvalue()
    return ""


def alone(folder, *more):
    command = [sys.executable, "-I", VERIFIER, folder, *more]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_an_authority_timestamps_the_first_checkpoint_of_the_day(stamped, first):
    assert stamped.checkpoint == first
    assert list(timestamps.problems()) == []
    assert verified() == ""


@pytest.mark.slow
def test_the_export_verifies_with_openssl_alone_and_with_the_verifier(
    stamped, authority, tmp_path
):
    folder = tmp_path / "e"
    call_command("export_trail", str(folder), stdout=StringIO())
    here, size = folder / "timestamps", stamped.checkpoint_id
    document = Path("docs/trail-format.md").read_text()
    [line] = [one for one in document.splitlines() if one.startswith("openssl ts ")]

    command = line.replace("42", str(size)).split()
    assert command[:3] == ["openssl", "ts", "-verify"]
    assert subprocess.run(command, cwd=here, check=False).returncode == 0
    assert alone(folder).returncode == 0
    assert alone(folder, "--autorite", authority / "root.pem").returncode == 0
    (here / f"{size}.note").write_bytes((here / f"{size}.note").read_bytes() + b"x")
    assert subprocess.run(command, cwd=here, check=False).returncode != 0
    assert alone(folder).returncode == 1


@pytest.mark.slow
def test_a_token_altered_or_of_another_checkpoint_is_found(stamped, tmp_path):
    for column, value in (
        ("token", bytes(stamped.token)[:-1] + bytes([bytes(stamped.token)[-1] ^ 1])),
        ("token", b"no token"),
        ("checkpoint_id", Checkpoint.objects.latest("size").pk),
        ("at", stamped.at - HOUR),
    ):
        kept = Timestamp.objects.filter(checkpoint__isnull=False)
        before = kept.values().get()
        with guards_down():
            kept.update(**{column: value})
        assert "workflow_timestamp" in verified(), column
        with guards_down():
            Timestamp.objects.all().update(**before)
    assert verified() == ""


@pytest.mark.slow
def test_the_night_finds_a_false_timestamp(stamped):
    with guards_down():
        Timestamp.objects.update(token=b"no token")

    found = verifications.verify_all(at=NOW, clock=lambda: NOW)

    assert found.found == 1
    assert "horodatage est faux" in found.faults.get().message


@pytest.mark.slow
def test_another_authority_is_not_believed(
    stamped, settings, tmp_path, first, monkeypatch
):
    other = tmp_path / "other.pem"
    new = ("req", "-newkey", "rsa:2048", "-nodes", "-x509", "-days", "2")
    openssl(tmp_path, *new, "-keyout", "k", "-out", "other.pem", "-subj", "/CN=Autre")
    settings.TIMESTAMP_CERTIFICATES = str(other)

    assert "horodatage est faux" in verified()
    call_command("export_trail", str(tmp_path / "e"), stdout=StringIO())
    assert alone(tmp_path / "e").returncode == 0
    assert alone(tmp_path / "e", "--autorite", other).returncode == 1


def test_certificates_that_cannot_be_read_are_a_fault(settings, tmp_path):
    settings.TIMESTAMP_CERTIFICATES = str(tmp_path / "nowhere.pem")

    assert "les certificats sont illisibles" in verified()


ANSWERS = {
    "nothing": b"",
    "no token": b"<html>maintenance</html>",
    "without end": b"\0" * (timestamps.LARGEST + 1),
}


@pytest.mark.slow
@pytest.mark.parametrize("answer", ANSWERS)
def test_an_authority_that_answers_something_else_is_told(
    first, authority, settings, monkeypatch, answer
):
    monkeypatch.setenv("no_proxy", "*")
    kind = answered_by(authority)
    monkeypatch.setattr(kind, "do_POST", lambda self: self.answer(ANSWERS[answer]))
    with serving(kind, settings, authority):
        assert testimonies.give_due(at=NOW + HOUR) == 0

    assert not Timestamp.objects.exists()
    assert why().startswith("timestamp: TimestampRefused")


@pytest.mark.slow
def test_an_old_answer_is_not_taken_for_a_new_one(
    stamped, first, authority, settings, tmp_path, monkeypatch
):
    shutil.copy(authority / "reply", tmp_path / "reply")
    kind = answered_by(authority)
    old = (tmp_path / "reply").read_bytes()
    monkeypatch.setattr(kind, "do_POST", lambda self: self.answer(old))

    with (
        serving(kind, settings, authority),
        pytest.raises(TimestampRefused, match="Nonce"),
    ):
        timestamps.ask(first)


def test_an_authority_that_nobody_knows_is_not_asked(first, settings):
    settings.TIMESTAMP_URL = "http://127.0.0.1:1/tsr"

    assert testimonies.give_due(at=NOW + HOUR) == 0
    assert "ImproperlyConfigured" in why()
