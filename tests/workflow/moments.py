"""A loan at some moment: as the engine shows it then, as it is replayed later."""

from tests.library.factories import NOW
from tests.library.lifecycle import PROCESS
from tests.library.models import Loan
from workflow import replay, situations
from workflow.models import Task


def shown(loan):
    """Say what the engine shows of a loan now, as far as a replay must know it."""
    loan = Loan.objects.select_related("case").get(pk=loan.pk)
    case = loan.case
    situation = situations.situation_of(PROCESS, loan, by=loan.case.opened_by, at=NOW)
    tasks = Task.objects.unfinished().filter(case=case)
    return {
        "state": case.state,
        "version": case.version,
        "title": case.title,
        "facts": {
            "book": loan.book,
            "days": str(loan.days),
            "due_on": loan.due_on.isoformat() if loan.due_on else None,
        },
        "pending": dict(situation.pending),
        "asked": sorted(
            (
                *(t.step, t.unit.code, t.held_at is not None, t.owner_id),
                *(str(t.due_at), str(t.stopped_on if t.is_stopped else None)),
            )
            for t in tasks
        ),
    }


def replayed(loan, at):
    then = replay.as_of(loan.case, at)
    return {
        "state": then.state,
        "version": then.version,
        "title": then.title,
        "facts": dict(then.facts),
        "pending": dict(then.pending),
        "asked": sorted(
            (
                *(a.step, a.unit.code, a.is_held, a.owner),
                *(str(a.due_at), str(a.stopped_on)),
            )
            for a in then.asked
        ),
    }
