"""The verification of the whole trail: the latest, and the one that is asked for."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from erbm.audit import commands
from erbm.audit.queries import verifications
from erbm.audit.views.access import audits_everything, for_auditors
from workflow.models import Membership


@for_auditors
def verify(request: HttpRequest, *, held: list[Membership]) -> HttpResponse:
    """Ask a worker for it; a page that is open asks in its turn how far it is."""
    if request.method == "POST":
        commands.ask_for_verification(by=request.user, at=timezone.now())
        messages.success(request, "La vérification du journal entier est demandée.")
        return redirect("audit:search")
    if "HX-Request" not in request.headers:
        return redirect("audit:search")
    context = {
        "progress": verifications.progress(timezone.now()),
        "everything": audits_everything(held),
    }
    return render(request, "audit/parts/verification.html", context)
