"""What docs/ says of the procedures and of the code is what they are."""

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from tests.workflow import pictures
from workflow.journeys import registered_flows

DOCS = Path(settings.BASE_DIR) / "docs"
PROCESSES = [
    flow.process for flow in registered_flows() if flow.__module__.startswith("flows.")
]
PROJECT = """
from erbm.settings.dev import *

INSTALLED_APPS += ["lending"]
"""
PROGRAM = """
import io

import django
from django.core.management import call_command

django.setup()
quiet = io.StringIO()
call_command("makemigrations", "lending", stdout=quiet)
call_command("migrate", stdout=quiet)
call_command("check", databases=["default"], fail_level="WARNING", stdout=quiet)
call_command("draw_processes", "lending", folder="published", stdout=quiet)

import walk
"""
NAMES = re.findall(
    r"`((?:workflow|flows|erbm)\.[\w.]+)`", (DOCS / "glossary.md").read_text()
)


def resolve(name):
    """Import as much of a dotted name as is modules, and read the rest."""
    module, found = name, None
    while found is None:
        try:
            found = importlib.import_module(module)
        except ModuleNotFoundError:
            module = module.rpartition(".")[0]
    for attribute in name.removeprefix(module).split(".")[1:]:
        found = _declared(found, attribute)
    return found


def _declared(owner, attribute):
    try:
        return getattr(owner, attribute)
    except AttributeError:
        # A dataclass, or a class of ours, declares fields that it does not hold.
        return owner.__annotations__[attribute]


def test_every_procedure_is_published_as_it_is_declared():
    assert PROCESSES
    call_command("draw_processes", *(p.name for p in PROCESSES), "--check")


def test_no_version_of_a_procedure_has_changed_since_it_was_frozen():
    call_command("freeze_processes", *{p.name for p in PROCESSES}, "--check")


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_the_picture_of_every_procedure_can_be_read(process):
    sketch = pictures.sketch_of(process)

    assert pictures.crossed(sketch) == []
    assert pictures.run_together(sketch) == []
    assert pictures.hidden(sketch) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_glossary_names_what_exists(name):
    assert resolve(name) is not None


@pytest.mark.slow  # an application of its own, in a program of its own
def test_the_page_on_writing_a_procedure_runs_as_it_stands(tmp_path):
    page = (DOCS / "write-a-procedure.md").read_text()
    files = re.findall(
        r"^`([\w/]+\.py)`\n\n```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL
    )
    for name, code in [*files, ("lending/__init__.py", ""), ("project.py", PROJECT)]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(code)

    done = subprocess.run(
        [sys.executable, "-Wignore", "-c", PROGRAM],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": f"{tmp_path}:{settings.BASE_DIR}",
            "DJANGO_SETTINGS_MODULE": "project",
            "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        },
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout == re.search(r"```text\n(.*?)```", page, re.DOTALL)[1]
    assert (tmp_path / "published" / "lending.svg").exists()
