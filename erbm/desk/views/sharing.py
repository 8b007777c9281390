"""Share a task: give it to a colleague, or have its answer prepared by somebody."""

import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from erbm.cases.rooms import address_of
from erbm.desk import commands
from erbm.desk.forms import AnswerForm, AssignForm, DelegateForm
from erbm.desk.queries import people
from erbm.desk.views.claims import return_to
from erbm.held import held_by
from erbm.words import typeset
from workflow import claims, delegations, inbox
from workflow.models import Delegation, Task, Unit


def share(request: HttpRequest, task_id: int) -> HttpResponse:
    """Show whom a task may be given to, and who may prepare it."""
    on = timezone.localdate()
    task = _task(request, task_id, on)
    intent = request.POST.get("intent", "")
    others = people.who_could_have(task, on)
    assign = AssignForm(request.POST if intent == "assign" else None, people=others)
    delegate = DelegateForm(
        request.POST if intent == "delegate" else None,
        people=people.colleagues([task.unit], on, but=request.user),
        units=Unit.objects.filter(is_active=True).order_by("short_name", "pk"),
    )
    form = {"assign": assign, "delegate": delegate}.get(intent)
    if form is not None and form.is_valid() and (done := _shared(request, task, form)):
        messages.success(request, typeset(done))
        return redirect(return_to(request))
    context = {
        "task": task,
        "assign": assign if others.exists() else None,
        "delegate": delegate,
        "return_to": return_to(request),
    }
    status = 422 if form is not None and form.errors else 200
    return render(request, "desk/share.html", context, status=status)


def _task(request: HttpRequest, task_id: int, on: datetime.date) -> Task:
    """
    Find an open task that a person may share out, as one of the unit or as its head.

    :raises Http404: if she may not
    """
    memberships = held_by(request, on)
    open_ones = Task.objects.open().select_related("unit", "owner")
    task = get_object_or_404(open_ones, pk=task_id)
    is_hers = inbox.addressed_to(memberships).filter(pk=task_id).exists()
    if not is_hers and not claims.heads(task, memberships):
        raise Http404
    return task


def _shared(request: HttpRequest, task: Task, form: Any) -> str:
    """Do what a form says, and tell it; nothing if it is refused."""
    try:
        return _handed(request, task, form)
    except (commands.AlreadyClaimed, commands.ClaimRefused) as refused:
        form.explain([("", str(refused))])
    except commands.AssigneeRefused as refused:
        form.explain([("to", str(refused))])
    except commands.DelegationRefused as refused:
        form.explain(refused.reasons)
    except commands.TaskNotFound:
        raise Http404 from None
    return ""


def _handed(request: HttpRequest, task: Task, form: Any) -> str:
    who = {"task_id": task.pk, "by": request.user, "at": timezone.now()}
    label, said = f"« {task.label} »", form.cleaned_data
    if isinstance(form, AssignForm):
        commands.assign(to=said["to"], **who)
        return f"{said['to']} est chargé de {label}."
    asked = commands.delegate(request=_request(said), **who)
    return f"{asked.target} prépare {label}. La décision vous revient."


def _request(said: dict[str, Any]) -> commands.Request:
    return commands.Request(
        to=said["person"] or said["unit"],
        instructions=said["instructions"],
        due_on=said["due_on"],
    )


def prepare(request: HttpRequest, delegation_id: int) -> HttpResponse:
    """Show what is to be prepared, and hand the answer back."""
    memberships = held_by(request, timezone.localdate())
    awaited = delegations.awaited_of(request.user, memberships)
    asked = get_object_or_404(
        awaited.select_related("task__unit", "by"), pk=delegation_id
    )
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            commands.hand_back(
                delegation_id=asked.pk,
                answer=form.cleaned_data["answer"],
                by=request.user,
                at=timezone.now(),
            )
        except commands.DelegationRefused as refused:
            form.explain(refused.reasons)
        except commands.DelegationNotFound:
            raise Http404 from None
        else:
            messages.success(request, f"Votre réponse est rendue à {asked.by}.")
            return redirect("inbox")
    context = {"asked": asked, "task": asked.task, "form": form}
    status = 422 if form.errors else 200
    return render(request, "desk/prepare.html", context, status=status)


def withdraw(request: HttpRequest, delegation_id: int) -> HttpResponse:
    """Ask no longer for what was to be prepared."""
    asked = get_object_or_404(
        Delegation.objects.select_related("case"), pk=delegation_id
    )
    if request.method == "POST":
        try:
            commands.withdraw(
                delegation_id=asked.pk, by=request.user, at=timezone.now()
            )
        except (
            commands.DelegationNotFound,
            commands.TaskNotFound,
            commands.ClaimRefused,
        ):
            raise Http404 from None
        messages.success(request, "La préparation n’est plus attendue.")
    return redirect(address_of(asked.case.process, asked.case_id))
