"""The files of Chorus, and what is made of each difference."""

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm.cases.commands import KeyReused, MoveRefused
from erbm.forms import explain, new_key
from erbm.grants import reconciliation
from erbm.grants.forms import AnswerForm, RestitutionForm
from erbm.grants.models import Answer, Difference, Grant, Restitution
from erbm.grants.reconciliation import AlreadyReceived
from erbm.grants.restitutions import Unreadable
from erbm.held import held_by
from flows.roles import Role
from workflow.models import Membership

READERS = reconciliation.RECONCILERS | {Role.PROJECT_DIRECTOR, Role.AUDITOR}


def restitutions(request: HttpRequest) -> HttpResponse:
    """List the files that were received, and receive another."""
    _reading(request)
    form = RestitutionForm(
        request.POST or None, request.FILES or None, initial={"key": new_key()}
    )
    if request.method == "POST" and form.is_valid():
        received = _received(request, form)
        if received is not None:
            return redirect("grants:restitution", received.pk)
    counted = Restitution.objects.select_related("by").annotate(
        found=Count("differences"),
        left=Count("differences", filter=Q(differences__answer=Answer.OPEN)),
    )
    context = {
        "form": form,
        "restitutions": counted.order_by("-at"),
        "may_reconcile": may_reconcile(request),
    }
    status = 422 if form.is_bound else 200
    return render(request, "grants/restitutions.html", context, status=status)


def _received(request: HttpRequest, form: RestitutionForm) -> Restitution | None:
    file = form.cleaned_data["file"]
    try:
        received = reconciliation.receive(
            filename=file.name or "",
            content=file.read(),
            by=request.user,
            at=timezone.now(),
        )
    except (Unreadable, AlreadyReceived) as wrong:
        form.add_error("file", str(wrong))
    except MoveRefused as refused:
        explain(form, refused.refusals)
    else:
        messages.success(request, "La restitution est versée ; rien n’est modifié.")
        return received
    return None


@require_safe
def restitution(request: HttpRequest, pk: int) -> HttpResponse:
    """Show on what a file and this register disagree."""
    held = _reading(request)
    found = get_object_or_404(Restitution.objects.select_related("by"), pk=pk)
    differences = _known(held).filter(restitution=found)
    context = {
        "restitution": found,
        "differences": differences.order_by("answer", "kind", "ej_number"),
        "may_reconcile": may_reconcile(request),
    }
    return render(request, "grants/restitution.html", context)


def difference(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept a difference or dismiss it, with the reason."""
    found = get_object_or_404(_known(_reading(request)), pk=pk)
    form = AnswerForm(request.POST or None, initial={"key": new_key()})
    if request.method == "POST" and form.is_forged:
        raise BadRequest("Ce formulaire n’est pas des nôtres.")
    if request.method == "POST" and form.is_valid():
        try:
            reconciliation.answer(
                difference_id=found.pk,
                said=Answer(form.cleaned_data["answer"]),
                reason=form.cleaned_data["reason"],
                key=form.cleaned_data["key"],
                by=request.user,
                at=timezone.now(),
            )
        except MoveRefused as refused:
            explain(form, refused.refusals)
        except KeyReused:
            raise BadRequest("Ce formulaire a déjà servi.") from None
        else:
            messages.success(request, "L’écart est traité ; le journal le dit.")
            return redirect("grants:restitution", found.restitution_id)
    context = {"form": form, "difference": found}
    status = 422 if form.is_bound else 200
    return render(request, "grants/difference.html", context, status=status)


def may_reconcile(request: HttpRequest) -> bool:
    return reconciliation.may_reconcile(held_by(request, timezone.localdate()))


def _reading(request: HttpRequest) -> list[Membership]:
    """
    Return what a person holds, if she may know of what Chorus says.

    :raises Http404: if she may not
    """
    if not is_reader(request):
        raise Http404
    return held_by(request, timezone.localdate())


def is_reader(request: HttpRequest) -> bool:
    """Tell whether a person may know of what Chorus says."""
    held = held_by(request, timezone.localdate())
    return any(one.role in READERS for one in held)


def _known(held: list[Membership]) -> "QuerySet[Difference]":
    """Keep those of no grant, and those of grants that a person may know of."""
    grants = Grant.objects.visible_with(held)
    found = Difference.objects.filter(Q(grant=None) | Q(grant__in=grants))
    return found.select_related("grant__case", "restitution", "answered_by")
