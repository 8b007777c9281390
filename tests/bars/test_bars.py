"""What the trail promises is tried in small on each run; `make bars` tries it whole."""

import subprocess
import sys

import pytest

from bars.__main__ import BARS

pytestmark = [pytest.mark.postgres, pytest.mark.slow]  # it runs a PostgreSQL of its own

# They are tried elsewhere: one is measured, the other needs no database.
APART = {"throughput", "golden"}


@pytest.mark.parametrize("name", sorted(BARS.keys() - APART))
def test_a_bar_is_reached(name):
    done = subprocess.run(
        [sys.executable, "-m", "bars", "--quick", name],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.rstrip().endswith(" passed, 0 failed")
