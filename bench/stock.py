"""A loan as one writes it with viewflow alone: its tables, its lock, its views."""

import contextlib

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.db import transaction
from django.shortcuts import get_object_or_404
from django.test import RequestFactory
from django.urls import resolve, reverse
from viewflow import jsonstore, this
from viewflow.workflow import flow, lock
from viewflow.workflow.base import Flow
from viewflow.workflow.flow import views
from viewflow.workflow.models import Process, Task

PERMISSION = "bench.add_ticket"


class StockProcess(Process):
    """Its facts, kept as viewflow's tutorial keeps them."""

    until = jsonstore.DateField()

    class Meta:
        proxy = True


class StockFlow(Flow):
    """Two steps, one after the other: the first is the one measured."""

    process_class = StockProcess
    task_class = Task
    lock_impl = lock.select_for_update_lock

    start = flow.StartHandle(this.begin).Next(this.desk)
    desk = (
        flow.View(views.UpdateProcessView.as_view(fields=["until"]))
        .Permission(PERMISSION)
        .Next(this.home)
    )
    home = (
        flow.View(views.UpdateProcessView.as_view(fields=["until"]))
        .Permission(PERMISSION)
        .Next(this.end)
    )
    end = flow.End()

    def begin(self, activation):
        return activation.process


def allow(user):
    """Give a person the right to do the steps."""
    user.user_permissions.add(Permission.objects.get(codename="add_ticket"))


def open_tasks(count):
    """Start processes, and return the task that waits in each."""
    for _ in range(count):
        StockFlow.start.run()
    return list(Task.objects.filter(status="NEW").order_by("-id")[:count])


def decide(task, *, by, until):
    """Take a task in charge, then do it: the two transactions that viewflow makes."""
    # Each request reads the person anew, and her rights with her.
    by = get_user_model()(pk=by.pk, is_active=True)
    with _locked(task) as activation:
        assert StockFlow.desk.can_assign(by, task=activation.task)
        activation.assign(by)
    with _locked(task) as activation:
        assert StockFlow.desk.can_execute(by, task=activation.task)
        activation.start(None)
        activation.process.until = until
        activation.process.save()
        activation.execute()


@contextlib.contextmanager
def _locked(task):
    """Hold the process and read the task, as viewflow's wrapper of a view does."""
    with StockFlow.lock(task.process_id), transaction.atomic():
        found = get_object_or_404(Task, pk=task.pk)
        assert found.process.flow_class is StockFlow
        yield StockFlow.desk.activation_class(found)


def decide_through_views(task, *, by, until):
    """Send the two forms that viewflow asks for, without network nor middleware."""
    _post("assign", task, by, {})
    _post("execute", task, by, {"until": until.isoformat()})


def _post(action, task, by, data):
    url = reverse(f"stock:desk:{action}", args=[task.process_id, task.pk])
    request = RequestFactory().post(url, data)
    request.user = get_user_model()(pk=by.pk, is_active=True)
    request.resolver_match = match = resolve(url)
    response = match.func(request, *match.args, **match.kwargs)
    assert response.status_code == 302
