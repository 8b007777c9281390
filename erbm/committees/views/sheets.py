"""The page of a sitting, and when and where it takes place."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from erbm.cases.views.acts import Act, is_sent
from erbm.committees import commands
from erbm.committees.forms import DateForm
from erbm.committees.views.visits import visit
from flows.sitting.lifecycle import EDIT_SITTING


@require_safe
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return render(request, "committees/detail.html", visit(request, pk).context())


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the day, the hour or the place, until the members are convened."""
    visited = visit(request, pk)
    sitting = visited.sitting
    form = DateForm(
        request.POST if is_sent(request) else None,
        initial=visited.initial(
            held_on=sitting.held_on,
            starts_at=sitting.starts_at,
            place=sitting.place,
        ),
    )
    act = Act(
        visited,
        form,
        title=EDIT_SITTING.label,
        button="Enregistrer",
        closed=() if is_sent(request) else visited.sheet.refusals_of(EDIT_SITTING),
        note="L’arrêt de l’ordre du jour et la convocation suivent la date.",
    )
    return act.answer(
        lambda: commands.edit_sitting(
            asked=commands.Asked(
                sitting.pk, form.cleaned_data["key"], form.cleaned_data["seen"]
            ),
            held_on=form.cleaned_data["held_on"],
            starts_at=form.cleaned_data["starts_at"],
            place=form.cleaned_data["place"],
            by=visited.by,
            at=visited.at,
        ),
        "La date et le lieu sont enregistrés.",
    )
