"""A loan in its second version: a state has another name, and a book may be lost."""

import dataclasses

from django.db.models import TextChoices

from tests.library import lifecycle as v1
from tests.library.lifecycle import Role
from workflow.process import Move, any_of

ON_LOAN = "on_loan"


class State(TextChoices):
    WISHED = "wished", "Souhaité"
    ASKED = "asked", "Demandé"
    ON_LOAN = ON_LOAN, "En prêt"
    FROZEN = "frozen", "Gelé"
    RETURNED = "returned", "Rendu"
    REFUSED = "refused", "Refusé"
    GIVEN = "given", "Donné"
    LOST = "lost", "Perdu"


def _renamed(move):
    """Say of a move of the first version where it starts and ends in this one."""
    return dataclasses.replace(
        move,
        source=frozenset(ON_LOAN if s == v1.State.LENT else s for s in move.source),
        target=State.ON_LOAN if move.target == v1.State.LENT else move.target,
    )


MOVES = {move.name: _renamed(move) for move in v1.PROCESS.moves}
LEND, RETURN = MOVES["lend"], MOVES["return"]
LOSE = Move(
    name="lose",
    label="Déclarer perdu",
    source=frozenset({State.ON_LOAN}),
    target=State.LOST,
    by=any_of(Role.LIBRARIAN),
    reason=True,
)

PROCESS = dataclasses.replace(
    v1.PROCESS,
    version=2,
    states=State,
    stages={
        State.WISHED: "desk",
        State.ASKED: "desk",
        State.ON_LOAN: "home",
        State.FROZEN: "aside",
        State.RETURNED: "end",
        State.REFUSED: "end",
        State.GIVEN: "end",
        State.LOST: "end",
    },
    initial=State.WISHED,
    final=frozenset({State.RETURNED, State.REFUSED, State.GIVEN, State.LOST}),
    moves=(*MOVES.values(), LOSE),
)
