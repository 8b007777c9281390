"""Try a promise on SQLite as well, in a process and a database of its own."""

import json
import os
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import django
from django.core.management import call_command


def trials(name, count):
    """Return what `here` of a bar gives there: nothing, or what failed."""
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{Path(folder) / 'bar.sqlite3'}"
        done = subprocess.run(
            [sys.executable, "-m", __name__, name, str(count)],
            env={**os.environ, "DATABASE_URL": address},
            capture_output=True,
            text=True,
            check=False,
        )
    for line in done.stdout.splitlines():
        failure = json.loads(line)
        yield f"SQLite: {failure}" if failure else ""
    if done.returncode:
        yield f"SQLite: {done.stderr[-2_000:]}"


def main(name, count):
    os.environ["DJANGO_SETTINGS_MODULE"] = "erbm.settings.test"
    django.setup()
    call_command("migrate", run_syncdb=True, verbosity=0)
    for failure in import_module(f"bars.{name}").here(int(count)):
        print(json.dumps(failure))


if __name__ == "__main__":
    main(*sys.argv[1:])
