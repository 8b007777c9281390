"""Whatever may be refused at the door of a command leaves a line in the register."""

import inspect

import pytest

from erbm.cases import commands as cases
from erbm.committees import commands as committees
from erbm.desk import commands as desk
from erbm.exchange import commands as exchange
from erbm.funding import commands as funding
from erbm.operations import commands as operations
from erbm.programme import commands as programme
from erbm.scenarios import commands as scenarios


def doors():
    for module in (
        cases,
        operations,
        committees,
        funding,
        programme,
        scenarios,
        exchange,
        desk,
    ):
        for name, command in inspect.getmembers(module, inspect.isfunction):
            if ":raises MoveRefused" in (command.__doc__ or "") and name[0] != "_":
                yield pytest.param(command, id=f"{command.__module__}.{name}")


@pytest.mark.parametrize("command", list(doors()))
def test_every_command_that_may_be_refused_keeps_it(command):
    source = inspect.getsource(command)

    assert "refused.kept(" in source or command.__module__.startswith("workflow.")
