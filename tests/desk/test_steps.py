"""The stepper tells where a case is, was, and never came."""

import datetime

import pytest

from erbm.desk import steps
from flows.stages import Stage

DAY = datetime.date(2026, 9, 1)


@pytest.mark.parametrize("stage", steps.PIPELINE)
def test_what_comes_before_is_done_and_what_comes_after_is_not(stage):
    here = steps.PIPELINE.index(stage)

    found = [step.status for step in steps.of_case(stage, {})]

    assert found == ["done"] * here + ["current"] + ["todo"] * (4 - here)


@pytest.mark.parametrize("stage", [Stage.END, Stage.ASIDE])
def test_a_case_out_of_the_pipeline_has_done_only_what_it_entered(stage):
    entered = {Stage.PROPOSAL: DAY, Stage.COMMITTEE: DAY}

    found = [step.status for step in steps.of_case(stage, entered)]

    assert found == ["done", "done", "todo", "todo", "todo"]


def test_each_step_knows_when_it_was_entered():
    first, second, *_ = steps.of_case(Stage.COMMITTEE, {Stage.PROPOSAL: DAY})

    assert (first.since, second.since) == (DAY, None)
    assert first.label == "Proposition"
