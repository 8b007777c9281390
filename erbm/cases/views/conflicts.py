"""Who is kept away from the decisions of a case, and who takes part again."""

from django.http import Http404, HttpRequest, HttpResponse

from erbm.cases import commands
from erbm.cases.forms import ConflictForm, ReasonForm
from erbm.cases.rooms import Room
from erbm.cases.views.acts import Act, is_sent, visit
from workflow import conflicts

DECLARE, LIFT = "Déclarer un conflit d’intérêts", "Lever un conflit d’intérêts"


def declare(request: HttpRequest, pk: int, *, room: Room) -> HttpResponse:
    visited = visit(request, room, pk)
    people = conflicts.people_to_speak_of(visited.sheet.situation)
    form = ConflictForm(
        request.POST if is_sent(request) else None,
        initial=visited.initial(),
        people=people,
    )
    nobody = conflicts.refusals_to_declare(visited.sheet.situation, visited.by)
    act = Act(
        visited,
        form,
        title=DECLARE,
        button="Déclarer",
        closed=() if people else nobody,
        note="La personne ne prend plus part à ce qui se décide ici : ses tâches sont "
        "rendues à son unité, ses signatures en attente sont rayées, et le dossier "
        "quitte sa boîte de réception. Le motif est inscrit au journal.",
    )
    return act.answer(
        lambda: commands.declare_conflict(
            case_id=visited.case.pk,
            process=visited.process,
            about=form.people[form.cleaned_data["about"]],
            reason=form.cleaned_data["reason"],
            key=form.cleaned_data["key"],
            by=visited.by,
            at=visited.at,
        ),
        "Le conflit d’intérêts est déclaré.",
    )


def lift(request: HttpRequest, pk: int, user_id: int, *, room: Room) -> HttpResponse:
    visited = visit(request, room, pk)
    kept_away = {one.user_id: one.user for one in visited.sheet.conflicts}
    if user_id not in kept_away:
        raise Http404
    about = kept_away[user_id]
    form = ReasonForm(
        request.POST if is_sent(request) else None, initial=visited.initial()
    )
    found = conflicts.refusals_to_lift(visited.sheet.situation, about)
    act = Act(
        visited,
        form,
        title=LIFT,
        button="Lever",
        closed=() if is_sent(request) else found,
        note=f"{about} prendra part de nouveau à ce qui se décide ici.",
    )
    return act.answer(
        lambda: commands.lift_conflict(
            case_id=visited.case.pk,
            process=visited.process,
            about=about,
            reason=form.cleaned_data["reason"],
            key=form.cleaned_data["key"],
            by=visited.by,
            at=visited.at,
        ),
        "Le conflit d’intérêts est levé.",
    )
