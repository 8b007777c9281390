"""The table of who may do what says no more and no less than the declaration."""

import pytest

from tests.library.lifecycle import PROCESS, Role
from workflow.diagrams import powers_of

POWERS = powers_of(PROCESS)


def held(power):
    return {label: part for label, part in power.held if part}


@pytest.mark.parametrize("move", PROCESS.moves, ids=lambda move: move.name)
def test_a_move_is_held_by_those_who_make_it(move):
    power = POWERS.moves[PROCESS.moves.index(move)]

    assert (power.label, power.number) == (move.label, PROCESS.moves.index(move) + 1)
    assert held(power).keys() == {PROCESS.role_label(role) for role in move.by.roles}


@pytest.mark.parametrize("edit", PROCESS.edits, ids=lambda edit: edit.name)
def test_an_edit_is_held_by_those_who_make_it(edit):
    power = POWERS.edits[PROCESS.edits.index(edit)]

    assert held(power).keys() == {PROCESS.role_label(role) for role in edit.by}


def test_the_table_says_how_one_takes_part():
    by_label = {power.label: held(power) for power in POWERS.moves}

    assert by_label["Prêter"] == {"bibliothécaire": "oui"}
    assert by_label["Donner"] == {"directeur": "signe", "maire": "signe"}
    assert by_label["Rendre"] == {
        "lecteur": "signe en 1er",
        "bibliothécaire": "signe en 2e",
    }
    assert held(POWERS.reading) == {"inspecteur": "oui"}


def test_every_role_is_in_the_table_or_said_to_do_nothing():
    assert {*POWERS.roles, *POWERS.idle} == {str(role.label) for role in Role}
    assert not {*POWERS.roles} & {*POWERS.idle}
