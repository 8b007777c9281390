"""What a person sets aside: cases that she follows, tasks put off, priorities."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from erbm.cases.views.acts import visit_any
from erbm.desk import commands
from erbm.desk.forms import PriorityForm, PutOffForm
from erbm.desk.views.claims import return_to
from erbm.held import held_by
from erbm.words import FIXED, day
from workflow import inbox, marks
from workflow.models import Case, Priority, Task


def follow(request: HttpRequest, case_id: int) -> HttpResponse:
    return _followed(request, case_id, commands.follow, "Vous suivez")


def unfollow(request: HttpRequest, case_id: int) -> HttpResponse:
    return _followed(request, case_id, commands.unfollow, "Vous ne suivez plus")


def _followed(
    request: HttpRequest, case_id: int, command: Callable[..., Case], done: str
) -> HttpResponse:
    if request.method == "POST":
        try:
            case = command(case_id=case_id, by=request.user, at=timezone.now())
        except commands.CaseNotFound:
            raise Http404 from None
        messages.success(request, f"{done} {case.reference}.")
    return redirect(return_to(request))


def arrange_task(request: HttpRequest, task_id: int) -> HttpResponse:
    """Show what a person may set of a task, and set it."""
    task = _task(request, task_id)
    intent = request.POST.get("intent", "")
    typed = request.POST or None
    priority = PriorityForm(
        typed if intent == "priority" else None, initial={"priority": task.priority}
    )
    put_off = PutOffForm(typed if intent == "put_off" else None)
    form = {"priority": priority, "put_off": put_off}.get(intent)
    is_back = intent == "bring_back"
    if is_back or (form is not None and form.is_valid()):
        done = _arranged(request, task, intent, form)
        if done:
            messages.success(request, done)
            return redirect(return_to(request))
    context = {
        "task": task,
        "priority": priority,
        "put_off": put_off,
        "is_mine": task.owner_id == request.user.pk,
        "put_off_to": _put_off_to(request, task),
        "return_to": return_to(request),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "desk/arrange.html", context, status=status)


def _task(request: HttpRequest, task_id: int) -> Task:
    memberships = held_by(request, timezone.localdate())
    asked = inbox.addressed_to(memberships).open().select_related("unit")
    return get_object_or_404(asked, pk=task_id)


def _put_off_to(request: HttpRequest, task: Task) -> Any:
    found = marks.marks_of(request.user, timezone.now(), tasks=[task.pk])
    return found.put_off.get(task.pk)


def _arranged(
    request: HttpRequest, task: Task, intent: str, form: forms.Form | None
) -> str:
    """Set what a form says of a task, and tell it; nothing if the form is refused."""
    who = {"task_id": task.pk, "by": request.user, "at": timezone.now()}
    label = f"«{FIXED}{task.label}{FIXED}»"
    try:
        if form is None:
            commands.bring_back(**who)
            return f"{label} revient parmi vos tâches."
        if intent == "priority":
            priority = Priority(form.cleaned_data["priority"])
            commands.prioritise_task(priority=priority, **who)
            return f"{label}{FIXED}: priorité {priority.label.lower()}."
        until = form.cleaned_data["until"]
        commands.put_off(until=until, **who)
    except commands.DayRefused as refused:
        assert form is not None
        form.add_error("until", str(refused))
        return ""
    except commands.ClaimRefused as refused:
        if form is None:
            raise Http404 from None
        form.add_error(None, str(refused))
        return ""
    except (commands.TaskNotFound, commands.TaskNotMine):
        raise Http404 from None
    return f"{label} est remise au {day(until)}."


def prioritise_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """Set the priority of a case, and of all that it asks."""
    visited = visit_any(request, case_id)
    form = PriorityForm(
        request.POST or None, initial={"priority": visited.case.priority}
    )
    if request.method == "POST" and form.is_valid():
        priority = Priority(form.cleaned_data["priority"])
        try:
            commands.prioritise_case(
                case_id=case_id, priority=priority, by=request.user, at=visited.at
            )
        except commands.MoveRefused as refused:
            for refusal in refused.refusals:
                form.add_error(None, refusal.message)
        else:
            said = (
                f"Priorité {visited.room.noun.of_the}{FIXED}: {priority.label.lower()}."
            )
            messages.success(request, said)
            return redirect(visited.url)
    status = 422 if form.errors else 200
    context = visited.context(form=form)
    return render(request, "desk/prioritise.html", context, status=status)
