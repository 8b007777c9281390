"""The comments of a case: read, written, taken back, with their files."""

import logging

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from erbm.cases.views.acts import Act, is_sent, visit_any
from erbm.exchange import commands, queries
from erbm.exchange.forms import CommentForm, WithdrawForm
from workflow.models import Attachment
from workflow.refusals import Ground, Refusal, of_conflicts

logger = logging.getLogger(__name__)

UNHEARD = Refusal(Ground.ROLE, "Vous lisez ce dossier sans y prendre part.")


@require_safe
def index(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what one may read, and note that one has seen what calls on her."""
    visited = visit_any(request, pk)
    case = visited.case
    commands.mark_seen(case=case, by=visited.by, at=visited.at)
    context = visited.context(
        talks=queries.talks(case, by=visited.by, held=visited.held)
    )
    return render(request, "exchange/index.html", context)


def new(request: HttpRequest, pk: int) -> HttpResponse:
    visited = visit_any(request, pk)
    case, sent = visited.case, is_sent(request)
    offered = queries.addresses(case, by=visited.by, at=visited.at)
    form = CommentForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        initial=visited.initial(),
        offered=offered,
        mentionable=queries.mentionable(case, offered, by=visited.by, at=visited.at),
    )
    closed = of_conflicts(case, visited.by, None) if offered else [UNHEARD]
    act = Act(
        visited,
        form,
        title="Écrire un commentaire",
        button="Publier",
        closed=() if sent and offered else closed,
        note="Le journal dit qu’il a été écrit, par qui et pour qui, jamais son texte.",
    )
    return act.answer(
        lambda: commands.write(
            process=visited.process,
            case_id=case.pk,
            to=form.cleaned_data["to"],
            text=form.cleaned_data["text"],
            key=form.cleaned_data["key"],
            people=form.mentioned("p"),
            units=form.mentioned("u"),
            files=form.cleaned_data["attachments"],
            by=visited.by,
            at=visited.at,
        ),
        "Le commentaire est publié.",
    )


def withdraw(request: HttpRequest, pk: int, comment_id: int) -> HttpResponse:
    visited = visit_any(request, pk)
    case = visited.case
    mine = queries.readable(visited.by, visited.at).filter(author=visited.by)
    comment = get_object_or_404(mine, pk=comment_id, case=case)
    form = WithdrawForm(
        request.POST if is_sent(request) else None, initial=visited.initial()
    )
    act = Act(
        visited,
        form,
        title="Retirer mon commentaire",
        button="Retirer",
        note="Son texte et ses fichiers sont effacés ; le journal dira qu’il a existé.",
    )
    return act.answer(
        lambda: commands.withdraw(
            process=visited.process,
            case_id=case.pk,
            comment_id=comment.pk,
            key=form.cleaned_data["key"],
            by=visited.by,
            at=visited.at,
        ),
        "Le commentaire est retiré.",
    )


@require_safe
def download(request: HttpRequest, pk: int, attachment_id: int) -> HttpResponseBase:
    """Give a file back to those who may read its comment, as nothing that runs."""
    visited = visit_any(request, pk)
    readable = queries.readable(visited.by, visited.at).filter(
        case=visited.case, withdrawn_by=None
    )
    attachment = get_object_or_404(
        Attachment, pk=attachment_id, comment__in=readable.values("pk")
    )
    try:
        content = attachment.file.open("rb")
    except FileNotFoundError:
        logger.exception("Attachment %s is not in the storage", attachment.pk)
        raise Http404 from None
    response = FileResponse(
        content,
        as_attachment=True,
        filename=attachment.filename,
        content_type=attachment.content_type,
    )
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
