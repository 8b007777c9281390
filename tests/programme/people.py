"""The people who keep the programme, and those who may not."""

from flows.roles import Role
from tests.operations.factories import person_of, unit


def director():
    return person_of(unit("direction-projet-erbm"), Role.PROJECT_DIRECTOR)


def treasurer():
    return person_of(unit("sgar"), Role.FUNDER)


def secretary():
    """Return somebody who reads the envelopes and keeps none."""
    return person_of(unit("sous-prefecture-lens"), Role.COMMITTEE_SECRETARY)


def owner():
    """Return somebody who asks for money, and does not see where it is."""
    return person_of(unit("sia-habitat"), Role.OWNER)
