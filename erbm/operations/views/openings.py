"""New operations, opened by those who will own them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from erbm.forms import explain, new_key
from erbm.held import held_by
from erbm.operations import commands
from erbm.operations.commands import Draft, KeyReused, MoveRefused
from erbm.operations.forms import NewRehabilitation, NewSubsidy
from erbm.operations.models import Kind
from erbm.operations.parties import kinds_open_to
from erbm.territory.models import Commune
from workflow.models import Unit

NewForm = NewRehabilitation | NewSubsidy
FORMS: Mapping[str, type[NewForm]] = {
    Kind.REHABILITATION: NewRehabilitation,
    Kind.SUBSIDY: NewSubsidy,
}
UNPLACED = "Aucun arrondissement n’instruit les opérations de cette commune."


def choose(request: HttpRequest) -> HttpResponse:
    """Offer the kinds of operation that a person may open."""
    kinds = _kinds(request)
    if len(kinds) == 1:
        return redirect("operations:new", kind=next(iter(kinds)))
    return render(request, "operations/choose.html", {"kinds": kinds})


def new(request: HttpRequest, kind: str) -> HttpResponse:
    owners = _owners(request, kind)
    data = request.POST if request.method == "POST" else None
    form = FORMS[kind](data, owners=owners, initial={"key": new_key()})
    if form.is_forged:
        raise BadRequest("Ce formulaire n’est pas des nôtres.")
    if form.is_valid() and (draft := _draft(form)):
        try:
            operation = commands.open_operation(
                kind=kind,
                draft=draft,
                by=request.user,
                at=timezone.now(),
            )
        except MoveRefused as refused:
            explain(form, refused.refusals)
        except KeyReused:
            raise BadRequest("Ce formulaire a déjà servi.") from None
        else:
            messages.success(
                request,
                f"L’opération {operation.case.reference} est ouverte, en brouillon. "
                "Complétez son plan de financement et ses pièces, puis déposez-la.",
            )
            return redirect("operations:detail", pk=operation.pk)
    context = {"form": form, "kind": Kind(kind), "owners": owners}
    return render(
        request, "operations/new.html", context, status=422 if form.is_bound else 200
    )


def _kinds(request: HttpRequest) -> dict[Kind, list[Unit]]:
    return kinds_open_to(held_by(request, timezone.localdate()))


def _owners(request: HttpRequest, kind: str) -> Sequence[Unit]:
    """
    Return the units for which a person may open an operation of a kind.

    :raises Http404: if there is none
    """
    if kind not in FORMS or not (owners := _kinds(request).get(Kind(kind))):
        raise Http404
    return owners


def _draft(form: NewForm) -> Draft | None:
    """Return what is to be opened, or nothing if no arrondissement handles it."""
    said: Mapping[str, Any] = form.cleaned_data
    cite = said.get("cite")
    communes: list[Commune] = list(cite.communes.all() if cite else said["communes"])
    committees = [c.committee for c in communes if c.committee is not None]
    if not committees:
        form.add_error("cite" if cite else "commune_0", UNPLACED)
        return None
    return Draft(
        title=said["title"],
        owner=said["owner"],
        jurisdiction=committees[0].jurisdiction,
        cost_cents=said["cost_cents"],
        communes=communes,
        cite=cite,
        facts=form.columns,
        key=said["key"],
    )
