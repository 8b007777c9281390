"""The names that rows hold do not change: to rename one is to migrate those rows."""

import pytest
from viewflow.workflow.fields import get_flow_ref, get_task_ref

from flows.grant.journey import GrantFlow
from flows.payment.journey import PaymentFlow
from flows.rehabilitation.journey import RehabilitationFlow
from flows.subsidy.journey import SubsidyFlow

STEPS = (
    "prepare check supply opine review committee arbitrate copil_state copil_region "
    "fund begin report deliver visa abandonment settlement settle resume"
)
GRANT_STEPS = (
    "check supply program award notify commit begin visa extension carry_out certify "
    "settle close observe decide settle_stopped repay"
)


@pytest.mark.parametrize(
    ("flow", "stored", "steps"),
    [
        (GrantFlow, "flows/grant.journey.GrantFlow", GRANT_STEPS),
        (PaymentFlow, "flows/payment.journey.PaymentFlow", "prepare certify pay"),
        (RehabilitationFlow, "flows/rehabilitation.journey.RehabilitationFlow", STEPS),
        (SubsidyFlow, "flows/subsidy.journey.SubsidyFlow", STEPS),
    ],
)
def test_the_names_of_journeys_and_steps_are_those_stored(flow, stored, steps):
    assert get_flow_ref(flow) == stored
    assert [get_task_ref(step) for step in flow.steps()] == [
        f"{stored}.{step}" for step in steps.split()
    ]
