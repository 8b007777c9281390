"""Who takes charge of a task: from its row in the inbox, or from its operation."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from erbm.desk import commands
from erbm.desk.queries.inbox import Inbox
from erbm.desk.views import inbox
from erbm.words import FIXED, typeset
from workflow.inbox import Box
from workflow.models import Task

GONE = f"Cette tâche n’attend plus{FIXED}: elle est accomplie, suspendue ou retirée."


def claim(request: HttpRequest, task_id: int) -> HttpResponse:
    return _act(request, task_id, commands.claim, "Vous avez pris en charge")


def release(request: HttpRequest, task_id: int) -> HttpResponse:
    return _act(request, task_id, commands.release, "Vous avez rendu à votre service")


def take_over(request: HttpRequest, task_id: int) -> HttpResponse:
    return _act(request, task_id, commands.take_over, "Vous avez repris à votre compte")


def _act(
    request: HttpRequest, task_id: int, command: Callable[..., Task], done: str
) -> HttpResponse:
    """Do one thing with a task, then show its row, or the page one came from."""
    if request.method != "POST":  # as after a sign-in that interrupted the click
        return redirect("inbox")
    address = return_to(request)
    box, filters = inbox.filters_at(address)
    desk = inbox.of(request, filters, timezone.now())
    task, level, verdict = _tried(desk, task_id, command, done)
    if request.htmx.target == f"task-{task_id}":  # type: ignore[attr-defined]
        context = {
            "task": task,
            "marks": desk.marks(Box.UNITS, [task] if task else []),
            "acting_for": desk.acting_for(Box.UNITS, [task] if task else []),
            "lost": level == messages.WARNING,
            "verdict": verdict,
            "tabs": inbox.tabs(desk, desk.box(box), filters),
            "return_to": address,
        }
        return render(request, "desk/inbox/answer.html", context)
    messages.add_message(request, level, verdict)
    return redirect(address)


def _tried(
    desk: Inbox, task_id: int, command: Callable[..., Task], done: str
) -> tuple[Task | None, int, str]:
    """
    Return the task as it stands now, how it went, and that in words.

    :raises Http404: if the person may not know of the task
    """
    try:
        task = command(task_id=task_id, by=desk.by, at=desk.at)
    except commands.AlreadyClaimed as refusal:
        return refusal.task, messages.WARNING, str(refusal)
    except commands.ClaimRefused as refusal:
        return None, messages.WARNING, typeset(str(refusal))
    except commands.TaskNotFound:
        if not desk.has_known(task_id):
            raise Http404 from None
        return None, messages.WARNING, GONE
    return task, messages.SUCCESS, f"{done} «{FIXED}{task.label}{FIXED}»."


def return_to(request: HttpRequest) -> str:
    """Return the page of ours that a form came from, else the inbox."""
    address = request.POST.get("next", "") or request.GET.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
    return address if is_ours else reverse("inbox")
