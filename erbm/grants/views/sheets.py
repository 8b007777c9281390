"""The lists of grants and payments, and the page of each."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm import lists
from erbm.grants import queries
from erbm.grants.forms import GrantFilters, PaymentFilters
from erbm.grants.models import Figure, Grant, Payment
from erbm.grants.views import chorus
from erbm.grants.views.visits import visit, visit_payment
from erbm.held import held_by
from erbm.programme import powers
from workflow import paging
from workflow.models import Membership, Task
from workflow.paging import Order

LATEST = Order(("case__changed_at", "case_id"), descending=True)


@require_safe
def grants(request: HttpRequest) -> HttpResponse:
    """List the grants that a person may know of, the latest changed first."""
    at = timezone.now()
    held = held_by(request, timezone.localdate(at))
    filters = GrantFilters(request.GET, sees_money=powers.reads(held))
    said = filters.said
    found: QuerySet[Any] = _asked(Grant.objects.visible_with(held), said, at)
    found = _of_money(found, said)
    if text := said.get("q"):
        found = found.filter(
            Q(case__reference__icontains=text)
            | Q(case__title__icontains=text)
            | Q(ej_number__icontains=text)
            | Q(operation__case__reference__icontains=text)
        )
    more = {
        "sums": found.aggregate(
            requested=Sum("requested_cents"), awarded=Sum("award_cents")
        ),
        "account": _account(found, said, held),
        "may_reconcile": chorus.is_reader(request),
    }
    return _listed(request, found, filters, "grants/list.html", more)


def _of_money(found: "QuerySet[Any]", said: Mapping[str, Any]) -> "QuerySet[Any]":
    """Keep those of a scheme, of an envelope, or that make one of its figures up."""
    if scheme := said.get("scheme"):
        found = found.filter(scheme=scheme)
    if envelope := said.get("envelope"):
        found = found.filter(envelope=envelope)
    if figure := said.get("money"):
        found = found.holding(Figure(figure))  # type: ignore[attr-defined]
    return found


def _account(
    found: "QuerySet[Any]", said: Mapping[str, Any], held: Sequence[Membership]
) -> queries.Account | None:
    """Say what a figure of an envelope is made of, if it is all that is asked."""
    if set(said) != {"envelope", "money"}:
        return None
    total = found.aggregate(cents=Sum("held_cents", default=0))["cents"]
    return queries.account(said["envelope"], Figure(said["money"]), total, held)


@require_safe
def payments(request: HttpRequest) -> HttpResponse:
    """List the payments that a person may know of, the latest changed first."""
    at, filters = timezone.now(), PaymentFilters(request.GET)
    found: QuerySet[Any] = Payment.objects.visible_with(
        held_by(request, timezone.localdate(at))
    )
    found = _asked(found, filters.said, at)
    if nature := filters.said.get("nature"):
        found = found.filter(kind=nature)
    return _listed(request, found, filters, "grants/payments.html", {})


def _asked(
    found: "QuerySet[Any]", said: Mapping[str, Any], at: datetime.datetime
) -> "QuerySet[Any]":
    """Keep those at a state, or of which something is asked, or something late."""
    if state := said.get("state"):
        found = found.filter(case__state=state)
    if not said.get("step") and not said.get("late"):
        return found
    tasks = Task.objects.overdue(at) if said.get("late") else Task.objects.open()
    if step := said.get("step"):
        tasks = tasks.filter(step=step)
    return found.filter(Exists(tasks.filter(case=OuterRef("case"))))


def _listed(
    request: HttpRequest,
    found: Any,
    filters: Any,
    template: str,
    more: Mapping[str, Any],
) -> HttpResponse:
    address = lists.Address(request.path, filters.params)
    page = paging.read(
        found.with_facts(),
        LATEST,
        size=lists.PAGE_SIZE,
        **lists.place(found, LATEST, request.GET),
    )
    context = {
        "filters": filters,
        "chosen": filters.chosen(address),
        "reset_url": request.path,
        "page": page,
        "total": lists.bounded(paging.count(found)),
        **lists.neighbours(page, address),
        **more,
    }
    return render(request, template, context)


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "grants/detail.html", visit(request, pk).context())


@require_safe
def payment(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "grants/payment.html", visit_payment(request, pk).context())
