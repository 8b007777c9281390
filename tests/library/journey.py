"""Who is asked to do what during a loan."""

from tests.library.lifecycle import (
    ADVISE,
    ASK,
    CONTEST_RETURN,
    LEND,
    PROCESS,
    REFUSE,
    RETURN,
    SEND_BACK,
    THAW,
    Role,
    State,
)
from workflow.deadlines import Days, Since, Until, WorkingDays
from workflow.journeys import CaseFlow, Consultation, End, Start, Step, journey_of
from workflow.ladders import Rung, Whom


@journey_of
class LoanFlow(CaseFlow):
    """Prêt d’un livre."""

    process = PROCESS

    start = Start()
    wish = Step(State.WISHED, asks=Role.READER, title="Faire la demande", offers=[ASK])
    desk = Step(
        State.ASKED,
        asks=Role.LIBRARIAN,
        title="Répondre à la demande",
        offers=[LEND, REFUSE, SEND_BACK],
        due=Days(3),
        ladder=(
            Rung(Days(-1), Whom.ASKED),
            Rung(Days(0), Whom.HEAD),
            Rung(Days(2), Role.DIRECTOR),
        ),
        clock={Role.LIBRARIAN, Role.DIRECTOR},
    )
    home = Step(State.LENT, asks=Role.READER, title="Rendre le livre", offers=[RETURN])
    receive = Step(
        State.LENT,
        asks=Role.LIBRARIAN,
        title="Recevoir le livre",
        offers=[RETURN, CONTEST_RETURN],
        countersigns=RETURN,
        due=WorkingDays(5),
        since=Since.EFFECT,
    )
    thaw = Step(
        State.FROZEN,
        asks=Role.LIBRARIAN,
        title="Dégeler",
        offers=[THAW],
        due=Until("due_on", "date de retour"),
    )
    advice = Consultation(
        State.ASKED,
        asks=Role.ADVISER,
        title="Donner un conseil",
        offers=[ADVISE],
        due=Days(10),
        terms="advice_terms",
    )
    end = End()
