"""Two programs, written apart, agree on exports: intact, and tampered with."""

import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from django.core.management import call_command

from bars.ground import Ground, new_signer
from workflow.models import Case
from workflow.trail import bundle, sealing

VERIFIER = Path(bundle.__file__).with_name("verifier.py")
SECOND = Path(__file__).parents[1] / "tests/workflow/verify.pl"
BYTES = ("events.jsonl", "entries.jsonl", "leaves.txt", "checkpoints.jsonl")
NEW_KEY_EVERY = 50


def trials(sizes):
    """Export the library as it grows, whole or one case of it; spoil a copy of each."""
    ground = Ground()
    ground.live(2)
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(os.cpu_count()) as p:
        verdicts = p.map(_trial, _pairs(ground, Path(name), sizes.bundles))
        for intact, spoilt, how in verdicts:
            yield "" if intact == (True, True) else f"an intact export: {intact}"
            yield "" if spoilt == (False, False) else f"{how}: {spoilt}"


def _pairs(ground, folder, count):
    for number in range(count):
        ground.seal()
        if number % 5 == 0:
            ground.day()
        if number % NEW_KEY_EVERY == NEW_KEY_EVERY - 1:
            to = new_signer()
            sealing.rotate(by=ground.signer, to=to, at=ground.at)
            ground.signer = to
        intact, spoilt = folder / f"{number}", folder / f"{number}-spoilt"
        some = {"case": _some_case(ground)} if number % 2 else {}
        call_command("export_trail", str(intact), stdout=io.StringIO(), **some)
        shutil.copytree(intact, spoilt)
        yield intact, spoilt, _spoil(ground, spoilt)


def _some_case(ground):
    return ground.chance.choice([*Case.objects.order_by("pk")]).reference


def _trial(pair):
    intact, spoilt, how = pair
    found = _verdicts(intact), _verdicts(spoilt), how
    shutil.rmtree(intact)
    shutil.rmtree(spoilt)
    return found


def _verdicts(folder):
    theirs = _run("perl", str(SECOND), str(folder))
    return verify(folder).returncode == 0, theirs.returncode == 0


def verify(folder, *more):
    """Run the verifier that goes with each export."""
    return _run(sys.executable, "-I", str(VERIFIER), str(folder), *more)


def _run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _spoil(ground, folder):
    how = ground.chance.choice((_a_byte, _a_byte, _a_line_torn_out, _two_exchanged))
    return how(ground.chance, folder)


def _a_byte(chance, folder):
    path = _some_file(chance, folder)
    _change(chance, path)
    return f"a byte of {path.name}"


def _change(chance, path):
    content = bytearray(path.read_bytes())
    place = chance.randrange(len(content) - 1)
    content[place] = ord("1" if content[place] != ord("1") else "2")
    path.write_bytes(content)


def spoil_each_file(folder, place, times=3):
    """Copy an export, and change a byte of each of its files in turn."""
    chance = random.Random(20261124)  # noqa: S311
    for number in range(times):
        for name in BYTES:
            spoilt = shutil.copytree(folder, place / f"{name}-{number}")
            _change(chance, spoilt / name)
            yield spoilt, f"a byte of {name}"


def _a_line_torn_out(chance, folder):
    path = _some_file(chance, folder)
    lines = path.read_text().splitlines(keepends=True)
    gone = lines.pop(chance.randrange(len(lines)))
    path.write_text("".join(lines))
    return f"a line of {path.name}: {gone[:60]}"


def _two_exchanged(chance, folder):
    path = folder / "events.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    if len(rows) < 2:
        return _a_byte(chance, folder)
    one = chance.randrange(len(rows) - 1)
    rows[one]["body"], rows[one + 1]["body"] = rows[one + 1]["body"], rows[one]["body"]
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return "two bodies exchanged"


def _some_file(chance, folder):
    files = [folder / name for name in BYTES]
    return chance.choice([path for path in files if path.stat().st_size > 1])
