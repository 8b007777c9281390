"""The delay of one task, stopped for a reason or let go on."""

from django.http import Http404, HttpRequest, HttpResponse

from erbm import words
from erbm.cases import commands
from erbm.cases.forms import ClockForm
from erbm.cases.rooms import Room
from erbm.cases.views.acts import Act, Visit, is_sent, visit
from workflow import clocks
from workflow.engine import Receipt
from workflow.models import Task

STOP, RESUME = "Suspendre un délai", "Reprendre un délai"


def turn(request: HttpRequest, pk: int, task_id: int, *, room: Room) -> HttpResponse:
    """Stop the clock of an open task, or let it go on if it stands."""
    visited = visit(request, room, pk)
    asks = {ask.task.pk: ask.task for ask in visited.sheet.in_charge}
    if (task := asks.get(task_id)) is None:
        raise Http404
    form = ClockForm(
        request.POST if is_sent(request) else None,
        initial=visited.initial(on=visited.on),
    )
    stands = _stands(request, task)
    judge = clocks.refusals_to_resume if stands else clocks.refusals_to_stop
    act = Act(
        visited,
        form,
        title=RESUME if stands else STOP,
        button="Reprendre le délai" if stands else "Suspendre le délai",
        closed=() if is_sent(request) else judge(visited.sheet.situation, task),
        note=_note(task, stands=stands),
        template="cases/clock.html",
        context={"stands": stands},
    )
    done = "Le délai reprend." if stands else "Le délai est suspendu."
    return act.answer(lambda: _turn(visited, form, task, stands=stands), done)


def _stands(request: HttpRequest, task: Task) -> bool:
    """Tell which of both a form is for: what it says, or else what the page shows."""
    intent = request.POST.get("intent", "")
    return intent == "resume_clock" if intent else task.is_stopped


def _turn(visited: Visit, form: ClockForm, task: Task, *, stands: bool) -> Receipt:
    command = commands.resume_clock if stands else commands.stop_clock
    said = clocks.Turn(
        task_id=task.pk,
        reason=form.cleaned_data["reason"],
        on=form.cleaned_data["on"],
        key=form.cleaned_data["key"],
        by=visited.by,
        at=visited.at,
    )
    try:
        return command(turn=said)
    except clocks.ClockNotFound:
        raise Http404 from None


def _note(task: Task, *, stands: bool) -> str:
    due = words.day(task.due_at) if task.due_at else ""
    what = f"« {task.label} », demandé à {task.unit.name}, échéance le {due}."
    if stands:
        return f"{what} Elle sera reportée du nombre de jours de la suspension."
    return (
        f"{what} La tâche reste à faire ; tant que son délai est suspendu, elle n’est "
        "jamais en retard et personne n’est relancé. L’échéance initiale est gardée."
    )
