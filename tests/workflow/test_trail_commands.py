"""What the pages about the trail say to run is run: it passes, or fails loudly."""

import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.intruder import guards_down
from tests.library import lifecycle
from tests.library.factories import NOW, fire
from tests.workflow.test_export import DAY, STRUCTURE, rewritten
from tests.workflow.test_sealing import key, seal
from workflow.models import Checkpoint, Event
from workflow.trail import bundle

pytestmark = [pytest.mark.django_db, pytest.mark.slow]  # programs are run

ENCLOSED = Path(bundle.__file__).with_name("LISEZMOI.txt")
PAGES = {
    path.name: path.read_text()
    for path in (Path("docs/trail.md"), Path("docs/trail-format.md"), ENCLOSED)
}
EXAMPLE = "R-2026-00012"


def commands(text):
    """Return the commands of a page, from its blocks or its indented lines."""
    fenced = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    indented = re.findall(r"^    (\w.*)$", text, re.MULTILINE)
    lines = "".join(fenced).splitlines() or indented
    return [line for line in lines if line.split()[0] in {"python", "python3"}]


@pytest.fixture
def loan(town, tmp_path, monkeypatch, settings):
    """Live two days with a witness, as somebody who reads the pages would have."""
    monkeypatch.chdir(tmp_path)
    settings.SEALING_KEY_FILE = ""
    loan = town.loan_at("lent")
    seal()
    Path("2026-03-02.note").write_text(Checkpoint.objects.get().note)
    fire(loan, lifecycle.PROCESS.move("return"), by=town.reader, at=NOW + DAY)
    seal(NOW + DAY)
    return loan


def run(command, loan):
    """Run a command as it is written, on what is here; return its code and faults."""
    receipt = f"{loan.case.reference} · n° 1 · {first_of(loan).hash.hex()}"
    command = re.sub(rf"{EXAMPLE} · [^\"]*", receipt, command)
    program, *asked = shlex.split(command.replace(EXAMPLE, loan.case.reference))
    if program == "python3":
        done = subprocess.run(
            [sys.executable, *asked], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stderr
    errors = io.StringIO()
    try:
        call_command(*asked[1:], stdout=io.StringIO(), stderr=errors)
    except SystemExit as ended:
        return ended.code, errors.getvalue()
    return 0, errors.getvalue()


def first_of(loan):
    return Event.objects.get(case=loan.case, seq=1)


def is_possible(command):
    return connection.vendor == "postgresql" or "harden_database" not in command


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_says_passes_and_then_fails_on_a_bad_trail(page, loan):
    said = [one for one in commands(PAGES[page]) if is_possible(one)]
    assert len(said) > 1
    if page == ENCLOSED.name:
        call_command("export_trail", "export", stdout=io.StringIO())
        said = [one.replace("verifier.py", "export/verifier.py") for one in said]

    assert [run(one, loan) for one in said] == [(0, "")] * len(said)

    with guards_down():
        Event.objects.filter(case=loan.case, seq=1).update(role="mayor")
    rewritten(Path("export"), "events.jsonl", STRUCTURE["torn out"])
    checks = [one for one in said if "verif" in one]
    assert checks
    for one in checks:
        code, faults = run(one, loan)
        assert code == 1, one
        assert faults


def test_a_page_that_says_nothing_to_run_would_be_noticed():
    assert commands("```sh\npython3 -I verifier.py\n```") == ["python3 -I verifier.py"]
    assert commands("    python3 -I verifier.py\n") == ["python3 -I verifier.py"]
    assert commands("python3 -I verifier.py") == []


def test_the_key_that_a_page_writes_is_written_once(loan):
    [line] = [one for one in commands(PAGES["trail.md"]) if "sealing_key" in one]

    assert run(line, loan) == (0, "")
    with pytest.raises(CommandError, match="existe"):
        run(line, loan)
    assert Path("sealing-key.pem").read_bytes() != key().key.private_bytes_raw()
