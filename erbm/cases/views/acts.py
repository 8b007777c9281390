"""What the acts on a case share: who may see it, what answers a form."""

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from erbm import errors
from erbm.cases import journal, rooms
from erbm.cases.commands import KeyReused, MoveRefused, Receipt, StaleCase
from erbm.cases.rooms import Room, room_of
from erbm.cases.sheets import next_task
from erbm.forms import explain, new_key
from erbm.held import held_by
from erbm.words import FIXED, typeset
from workflow.models import Case, Membership
from workflow.process import Process
from workflow.refusals import Refusal

SHORT_HASH = 12
# What a form that came too late does not bring back: the past, and secrets.
FORGOTTEN = frozenset(
    {"csrfmiddlewaretoken", "seen", "key", "password", "resume", "intent"}
)


@dataclass(frozen=True)
class Visit:
    """One person before one case, at one moment."""

    request: HttpRequest
    room: Room
    subject: Any
    at: datetime.datetime

    @property
    def by(self) -> Any:
        return self.request.user

    @property
    def held(self) -> list[Membership]:
        return held_by(self.request, self.on)

    @property
    def on(self) -> datetime.date:
        return timezone.localdate(self.at)

    @property
    def case(self) -> Case:
        case: Case = self.subject.case
        return case

    @cached_property
    def sheet(self) -> Any:
        return self.room.sheet(self.subject, by=self.by, held=self.held, at=self.at)

    @property
    def process(self) -> Process:
        process: Process = self.sheet.process
        return process

    @property
    def url(self) -> str:
        return self.room.address(self.case.pk)

    def initial(self, **values: Any) -> dict[str, Any]:
        """Return what a new form begins with, or takes up from one that came late."""
        fresh = {"seen": self.case.version, "key": new_key()}
        return values | dict(_resent(self.request)) | fresh

    def context(self, **more: Any) -> dict[str, Any]:
        """Return what the templates of a case are given, and more."""
        return {
            self.room.variable: self.subject,
            "subject": self.subject,
            "case": self.case,
            "room": self.room,
            "sheet": self.sheet,
            **more,
        }


V = TypeVar("V", bound=Visit)


def visit(request: HttpRequest, room: Room, pk: int) -> Visit:
    """
    Read a case that a person may know of, and the clock, once.

    :raises Http404: if there is none, or none that she may know of
    """
    return visit_as(Visit, request, room, pk)


def visit_as(kind: type[V], request: HttpRequest, room: Room, pk: int) -> V:
    """
    Do the same, and let a domain add what it knows to the visit.

    :raises Http404: if there is none, or none that she may know of
    """
    at = timezone.now()
    visible = room.visible(held_by(request, timezone.localdate(at)))
    return kind(request, room, get_object_or_404(visible, pk=pk), at)


def visit_any(request: HttpRequest, pk: int) -> Visit:
    """
    Read a case of whatever procedure that a person may know of.

    :raises Http404: if there is none, or none that she may know of
    """
    case = get_object_or_404(Case, pk=pk)
    try:
        return visit(request, room_of(case.process), pk)
    except rooms.UnknownRoom:
        raise Http404 from None


def is_sent(request: HttpRequest) -> bool:
    """Tell whether a form is there to be acted upon, not taken up again."""
    return request.method == "POST" and "resume" not in request.POST


@dataclass(frozen=True)
class Act:
    """
    One form on one case.

    - `closed`: why the person cannot do it at all: the form is then not shown;
    - `title`, `button`, `note`: what the page says it is, and what follows from it.
    """

    visit: Visit
    form: Any
    title: str
    button: str
    closed: Iterable[Refusal] = ()
    note: str = ""
    template: str = "cases/act.html"
    context: Mapping[str, Any] | None = None

    def answer(
        self, send: Callable[[], Receipt], done: str | Callable[[Receipt], str] = ""
    ) -> HttpResponse:
        """Show the form, or send it and show what came of it."""
        form, request = self.form, self.visit.request
        if not is_sent(request):
            return self.page()
        if form.is_forged:
            raise BadRequest("Ce formulaire n’est pas des nôtres.")
        if not form.is_valid():
            return self.page(status=422)
        return self._tried(send, done)

    def _tried(
        self, send: Callable[[], Receipt], done: str | Callable[[Receipt], str]
    ) -> HttpResponse:
        form = self.form
        try:
            receipt = send()
        except MoveRefused as refused:
            explain(form, refused.refusals)
            return self.page(status=422)
        except StaleCase as stale:
            return conflict(self.visit, stale, form.typed())
        except KeyReused:
            raise BadRequest("Ce formulaire a déjà servi.") from None
        except OperationalError as error:
            if not errors.is_busy(error):
                raise
            form.add_error(None, errors.BUSY)
            return self.page(status=503)
        said = done(receipt) if callable(done) else done
        return accomplished(self.visit, receipt, said or self.title)

    def page(self, status: int = 200) -> HttpResponse:
        context = self.visit.context(act=self, form=self.form, **(self.context or {}))
        return render(self.visit.request, self.template, context, status=status)


def accomplished(visit: Visit, receipt: Receipt, done: str) -> HttpResponse:
    """Give the receipt of an act, and lead to what waits next."""
    whose = f", pour {receipt.acted_for}" if receipt.acted_for else ""
    said = typeset(
        f"{done} Reçu : n°{FIXED}{receipt.seq} au journal{whose}, "
        f"empreinte {receipt.hash[:SHORT_HASH]}."
    )
    kept = reverse("receipt", args=[receipt.reference, receipt.seq])
    link = format_html('<a href="{}">Garder ce reçu</a>', kept)
    messages.success(visit.request, format_html("{} {}", said, link))
    task = next_task(by=visit.by, apart_from=visit.subject, at=visit.at)
    if task is not None:
        messages.info(
            visit.request,
            format_html(
                'Tâche suivante\N{NO-BREAK SPACE}: <a href="{}">{} · {}</a>, {}.',
                rooms.address_of(task.kind, task.case_id),
                task.reference,
                task.subject,
                task.label,
            ),
        )
    return redirect(visit.url)


def conflict(
    visit: Visit, stale: StaleCase, typed: Iterable[tuple[str, str]]
) -> HttpResponse:
    """Say what has changed in between, and offer to go on with what was typed."""
    lines = journal.read(stale.changes)
    return errors.conflict(
        visit.request,
        case=stale.case,
        changes=[
            errors.Change(by=line.by, at=line.at, what=line.what) for line in lines
        ],
        kept=[errors.Typed(label, value) for label, value in typed],
        resume_url=visit.request.path,
        resent=list(_resent(visit.request)),
        leave_url=visit.url,
    )


def _resent(request: HttpRequest) -> Iterable[tuple[str, str]]:
    """Return what a form had been filled with, but for what must be new."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in FORGOTTEN
    ]
