"""Who is asked to do what during a loan of the second version."""

from tests.library.lifecycle import Role
from tests.library.v2.lifecycle import LEND, MOVES, PROCESS, RETURN, State
from workflow.deadlines import Days, Until
from workflow.journeys import CaseFlow, Consultation, End, Start, Step, journey_of


@journey_of
class LoanFlow(CaseFlow):
    """Prêt d’un livre."""

    process = PROCESS

    start = Start()
    wish = Step(
        State.WISHED, asks=Role.READER, title="Faire la demande", offers=[MOVES["ask"]]
    )
    desk = Step(
        State.ASKED,
        asks=Role.LIBRARIAN,
        title="Répondre à la demande",
        offers=[LEND, MOVES["refuse"], MOVES["send_back"]],
        due=Days(5),
    )
    reading = Step(
        State.ON_LOAN, asks=Role.READER, title="Rendre le livre", offers=[RETURN]
    )
    receive = Step(
        State.ON_LOAN,
        asks=Role.LIBRARIAN,
        title="Recevoir le livre",
        offers=[RETURN, MOVES["contest_return"]],
        countersigns=RETURN,
    )
    thaw = Step(
        State.FROZEN,
        asks=Role.LIBRARIAN,
        title="Dégeler",
        offers=[MOVES["thaw"]],
        due=Until("due_on", "date de retour"),
    )
    advice = Consultation(
        State.ASKED,
        asks=Role.ADVISER,
        title="Donner un conseil",
        offers=[MOVES["advise"]],
    )
    end = End()
