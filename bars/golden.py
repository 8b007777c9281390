"""Every release still verifies what each former one has exported and signed."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bars.bundles import SECOND, VERIFIER, spoil_each_file

GOLDEN = Path(__file__).parents[1] / "tests/golden"
EXPORT, WITNESS, RECEIPTS = "export", "witness.note", "receipts.txt"
AUTHORITY, EXPECTED = "authority.pem", "expected.txt"


def trials(sizes):
    """Verify all of them with the programs of now and of then, then spoil each file."""
    releases = sorted(path for path in GOLDEN.iterdir() if path.is_dir())
    yield "" if releases else "no release has left anything"
    for release in releases:
        yield from verified(release)
        yield from spoilt(release)


def verified(release):
    """Expect of a release that it holds, and says of itself what it said then."""
    folder, expected = release / EXPORT, (release / EXPECTED).read_text()
    for program in (VERIFIER, folder / "verifier.py"):
        done = _run(sys.executable, "-I", program, *asked(release))
        is_same = (done.returncode, done.stdout, done.stderr) == (0, expected, "")
        yield "" if is_same else f"{release.name}, {program}: {done}"
    done = _run("perl", SECOND, folder)
    yield "" if done.returncode == 0 else f"{release.name}, {SECOND}: {done}"


def spoilt(release):
    """Expect of both programs that a byte changed in any file does not pass."""
    with tempfile.TemporaryDirectory() as name:
        for spoilt, how in spoil_each_file(release / EXPORT, Path(name)):
            done = [
                _run(sys.executable, "-I", VERIFIER, spoilt).returncode,
                _run("perl", SECOND, spoilt).returncode,
            ]
            yield "" if all(done) else f"{release.name}, {how}: {done}"
            shutil.rmtree(spoilt)


def asked(release):
    """Return all that the verifier of an export can be asked."""
    receipts = (release / RECEIPTS).read_text().splitlines()
    return [
        str(release / EXPORT),
        *("--temoin", str(release / WITNESS)),
        *("--autorite", str(release / AUTHORITY)),
        *(more for receipt in receipts for more in ("--recu", receipt)),
    ]


def _run(*command):
    return subprocess.run(
        [*map(str, command)], capture_output=True, text=True, check=False
    )
