"""The calendar of the works of an operation, and its photographs."""

from django.http import HttpRequest, HttpResponse, QueryDict

from erbm.cases.views.acts import Act, is_sent
from erbm.delivery import commands
from erbm.delivery.forms import PHASES, SPARE_ROWS, PhotoForm, ScheduleForm
from erbm.operations.views.visits import OperationVisit, visit
from flows.edits import ADD_DOCUMENT, KEEP_SCHEDULE
from workflow.engine import Receipt


def schedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Draw the calendar up: save it, or only ask for more lines."""
    visited = visit(request, pk)
    sent = is_sent(request)
    wants_more = sent and request.POST.get("intent") == "more"
    typed = _with_more(request) if wants_more else request.POST
    form = ScheduleForm(
        typed if sent else None,
        typed=typed if request.method == "POST" else None,
        phases=list(visited.operation.phases.all()),
        initial=visited.initial(),
    )
    act = Act(
        visited,
        form,
        title=KEEP_SCHEDULE.label,
        button="Enregistrer le calendrier",
        closed=() if sent else visited.sheet.refusals_of(KEEP_SCHEDULE),
        note="Ce qui est prévu ne change plus une fois les travaux commencés : "
        "annoncez alors une autre fin. Un jalon n’a pas de début.",
        template="delivery/schedule.html",
    )
    if wants_more and not form.is_forged:
        return act.page()
    return act.answer(lambda: _keep(visited, form), "Le calendrier est enregistré.")


def _with_more(request: HttpRequest) -> QueryDict:
    more = request.POST.copy()
    total = request.POST.get(f"{PHASES}-TOTAL_FORMS", "")
    if total.isascii() and total.isdecimal() and len(total) < 3:
        wanted = min(int(total) + SPARE_ROWS, commands.MOST_PHASES)
        more[f"{PHASES}-TOTAL_FORMS"] = str(wanted)
    return more


def _keep(visited: OperationVisit, form: ScheduleForm) -> Receipt:
    return commands.keep_schedule(
        operation_id=visited.operation.pk,
        process=visited.process,
        phases=form.planned,
        seen=form.cleaned_data["seen"],
        key=form.cleaned_data["key"],
        by=visited.by,
        at=visited.at,
    )


def photo(request: HttpRequest, pk: int) -> HttpResponse:
    """Join a photograph."""
    visited = visit(request, pk)
    sent = is_sent(request)
    form = PhotoForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        initial=visited.initial(taken_on=visited.on),
    )
    act = Act(
        visited,
        form,
        title="Joindre une photographie",
        button="Joindre la photographie",
        closed=() if sent else visited.sheet.refusals_of(ADD_DOCUMENT),
        note="Elle est jointe aux pièces, et son empreinte inscrite au journal. "
        "Personne ne doit pouvoir y être reconnu sans son accord.",
    )
    return act.answer(
        lambda: commands.add_photo(
            operation_id=visited.operation.pk,
            process=visited.process,
            photo=commands.NewPhoto(
                caption=form.cleaned_data["caption"],
                taken_on=form.cleaned_data["taken_on"],
                file=form.cleaned_data["file"],
                content_type=form.content_type,
            ),
            key=form.cleaned_data["key"],
            by=visited.by,
            at=visited.at,
        ),
        "La photographie est jointe.",
    )
