"""What docs/ says of the procedures and of the code is what they are."""

import importlib
import re
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


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.name)
def test_the_picture_of_every_procedure_can_be_read(process):
    sketch = pictures.sketch_of(process)

    assert pictures.crossed(sketch) == []
    assert pictures.run_together(sketch) == []
    assert pictures.hidden(sketch) == []


@pytest.mark.parametrize("name", NAMES)
def test_the_glossary_names_what_exists(name):
    assert resolve(name) is not None
