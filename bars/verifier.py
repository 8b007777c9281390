"""The verifier of an export: its time on one core, and its memory."""

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from bars.bundles import VERIFIER
from bars.ground import Ground
from bench.trails import EVENTS_PER_CASE, write_trails
from workflow.models import Unsealed

SECONDS, BYTES = 15.0, 300_000_000


def trials(sizes):
    """Verify an export of many events in another process."""
    ground = Ground()
    write_trails(ground.town, sizes.events // EVENTS_PER_CASE)
    while Unsealed.objects.exists():
        ground.seal()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "export"
        call_command("export_trail", str(folder), stdout=io.StringIO())
        connection.close()
        code, seconds, peak = _measured(folder)
    print(f"  {sizes.events:,} events: {seconds:.1f} s, {peak / 1e6:.0f} MB")
    yield "" if code == 0 else f"the verifier ends with {code}"
    if sizes.measures:
        yield "" if seconds <= SECONDS else f"{seconds:.1f} s of processor"
        yield "" if peak <= BYTES else f"{peak:,} bytes"


# What a process had before it became another counts in its rusage: not in VmHWM.
MEASURED = """
import re, runpy, resource, sys
program, sys.argv = sys.argv[1], sys.argv[1:]
try:
    runpy.run_path(program, run_name="__main__")
finally:
    used = resource.getrusage(resource.RUSAGE_SELF)
    status = open("/proc/self/status").read()
    peak = re.search(r"VmHWM:\\s+(\\d+) kB", status).group(1)
    print(used.ru_utime + used.ru_stime, peak, file=sys.stderr)
"""


def _measured(folder):
    done = subprocess.run(
        [sys.executable, "-I", "-c", MEASURED, str(VERIFIER), str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    seconds, kilobytes = done.stderr.split()[-2:]
    return done.returncode, float(seconds), int(kilobytes) * 1024
