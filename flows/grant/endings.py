"""What becomes of a grant whose operation ends before it is delivered.

Nobody is asked anything of it any more, or the authority settles what is owed. These
moves follow from the end of the operation, in the name of whoever pronounced it.
"""

from flows.grant import conditions
from flows.grant.states import OWNER, UNDECIDED, State
from flows.roles import Role
from workflow.process import Move, any_of

ENDERS = (
    Role.OWNER,
    Role.SUB_PREFECT,
    Role.PREFECT,
    Role.COMMITTEE_SECRETARY,
    Role.COPIL_STATE,
    Role.COPIL_REGION,
)
"""Who may end an operation, each by a move of its own procedure."""

FALL = Move(
    name="fall",
    label="Clore avec l’opération",
    source=UNDECIDED,
    target=State.DISMISSED,
    by=any_of(*ENDERS),
    requires=(conditions.operation_is_over,),
    reason=True,
    consequence="La demande est close avec son opération ; ce qui était réservé est "
    "libéré.",
)
STOP = Move(
    name="stop",
    label="Arrêter avec l’opération",
    source=frozenset(
        {
            State.AWARDED,
            State.NOTIFIED,
            State.COMMITTED,
            State.IN_PROGRESS,
            State.COMPLETED,
            State.SERVICE_CERTIFIED,
        }
    ),
    target=State.STOPPED,
    by=any_of(*ENDERS, Role.FUNDER),
    requires=(conditions.operation_is_over,),
    reason=True,
    consequence="Aucun délai ne court plus ; l’autorité est appelée à régler la "
    "subvention.",
)
LIQUIDATE = Move(
    name="liquidate",
    label="Liquider en l’état",
    source=frozenset({State.STOPPED}),
    target=State.LIQUIDATED,
    by=any_of(Role.AUTHORITY),
    requires=(conditions.payments_are_over,),
    reason=True,
    reauthenticate=True,
    apart_from_unit=OWNER,
    consequence="Rien de plus ne sera payé ; le reste revient à l’enveloppe. Un "
    "reversement peut encore être proposé.",
)
