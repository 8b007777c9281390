"""A worker in a process of its own, so that it can be killed in the middle of it."""

import os
import subprocess
import sys
import time
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

PAUSE = 0.01


def note(event, *, key, at):
    """Do something that shows outside the database: write the key in a file."""
    line = os.open(os.environ["NOTES"], os.O_APPEND | os.O_CREAT | os.O_WRONLY)
    os.write(line, f"{key}\n".encode())
    os.close(line)
    time.sleep(PAUSE)


def start(notes):
    """Start a worker on the database of the test."""
    address = urlsplit(os.environ["DATABASE_URL"])
    name = connection.settings_dict["NAME"]
    code = (
        "import django; django.setup(); from tests.workflow import worker; worker.run()"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ
        | {
            "DATABASE_URL": urlunsplit(address._replace(path=f"/{name}")),
            "DJANGO_SETTINGS_MODULE": "erbm.settings.test",
            "NOTES": str(notes),
        },
    )


def run():
    """Deliver for as long as we live."""
    from tests.library import lifecycle
    from workflow import outbox, tasks

    outbox.listens_to(lifecycle.PROCESS, lifecycle.ASK)(note)
    while True:
        tasks.sweep()
        time.sleep(PAUSE)
