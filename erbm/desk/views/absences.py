"""Who acts for whom while somebody is away: set, seen and revoked."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from erbm.desk import commands
from erbm.desk.forms import AbsenceForm
from erbm.desk.queries import people
from erbm.desk.views.claims import return_to
from erbm.held import held_by
from erbm.words import day, typeset
from workflow.models import Unit


def show(request: HttpRequest) -> HttpResponse:
    """Show one's own absences and whom one stands in for; set one more."""
    on = timezone.localdate()
    units = people.units_of(held_by(request, on))
    colleagues = people.colleagues(units, on, but=request.user)
    form = AbsenceForm(request.POST or None, people=colleagues)
    if request.method == "POST" and is_set(request, form, request.user):
        return redirect("absences")
    context = {
        "form": form,
        "own": people.own_absences(request.user, on),
        "others": people.stood_in_for(request.user, on),
        "return_to": request.path,
    }
    status = 422 if form.errors else 200
    return render(request, "desk/absences.html", context, status=status)


def is_set(
    request: HttpRequest, form: AbsenceForm, principal: Any, unit: Unit | None = None
) -> bool:
    """Set what a form says, or write in it why not."""
    if not form.is_valid():
        return False
    said = form.cleaned_data
    absence = commands.Absence(
        principal=said.get("principal") or principal,
        substitute=said["substitute"],
        first_day=said["first_day"],
        last_day=said["last_day"],
        processes=said["processes"],
        reason=said["reason"],
        unit=unit,
    )
    try:
        commands.substitute(absence=absence, by=request.user, at=timezone.now())
    except commands.SubstitutionRefused as refused:
        form.explain(refused.reasons)
        return False
    messages.success(
        request,
        f"{absence.substitute} agira pour {absence.principal} du "
        f"{day(absence.first_day)} au {day(absence.last_day)}.",
    )
    return True


def revoke(request: HttpRequest, substitution_id: int) -> HttpResponse:
    """End one at once."""
    if request.method == "POST":
        try:
            ended = commands.revoke(
                substitution_id=substitution_id, by=request.user, at=timezone.now()
            )
        except commands.SubstitutionNotFound:
            raise Http404 from None
        said = f"{ended.substitute} n’agit plus pour {ended.principal}."
        messages.success(request, typeset(said))
    return redirect(return_to(request))
