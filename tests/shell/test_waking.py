"""What the site does for the workers: it wakes them, and lives without a broker."""

import os
import subprocess
import sys

from tests.architecture.sources import ROOT

ASK = "import erbm.wsgi; from workflow import outbox; print(outbox.bell.send.__name__)"


def test_the_site_knows_how_to_wake_a_worker():
    # In a process of its own: in this one, the tests have imported the tasks.
    told = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "erbm.settings.test"},
        stdout=subprocess.PIPE,
        check=True,
    )

    assert told.stdout.strip() == b"wake_worker"
