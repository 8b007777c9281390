"""The living style page: every component, with invented content."""

import datetime
from types import SimpleNamespace
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from erbm import errors, fields
from erbm.desk import steps
from flows.stages import Stage


class Sample(forms.Form):
    """One field of each kind."""

    title = forms.CharField(label="Intitulé", help_text="En moins de dix mots.")
    amount = fields.EurosField(label="Coût de l’opération")
    received = fields.DayField(label="Reçue le", required=False)
    town = forms.ChoiceField(
        label="Commune", choices=[("", "Choisir"), ("l", "Lens"), ("d", "Douai")]
    )
    kind = forms.ChoiceField(
        label="Nature",
        widget=forms.RadioSelect,
        choices=[("r", "Réhabilitation d’une cité"), ("s", "Projet subventionné")],
    )
    services = forms.MultipleChoiceField(
        label="Services à consulter",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("ddtm", "DDTM"), ("dreal", "DREAL"), ("abf", "ABF")],
    )
    reason = forms.CharField(label="Motif", widget=forms.Textarea(attrs={"rows": 3}))
    act = forms.FileField(
        label="Délibération", required=False, help_text="PDF, 10 Mo au plus."
    )
    password = forms.CharField(label="Mot de passe", widget=forms.PasswordInput)
    agree = forms.BooleanField(label="Je certifie que la délibération est exécutoire")


@login_not_required
def page(request: HttpRequest) -> HttpResponse:
    """Show everything; `?conflit` shows the page of a conflict instead."""
    now = timezone.now()
    if "conflit" in request.GET:
        return _conflict(request, now)
    return render(request, "styles.html", _samples(now))


def _samples(now: datetime.datetime) -> dict[str, Any]:
    today = timezone.localdate()
    entered = {
        stage: today - datetime.timedelta(days=90 - 30 * number)
        for number, stage in enumerate(steps.PIPELINE[:3])
    }
    return {
        "now": now,
        "late": today - datetime.timedelta(days=2),
        "soon": today + datetime.timedelta(days=2),
        "later": today + datetime.timedelta(days=21),
        "stages": list(Stage),
        "entered": entered,
        "form": Sample(),
        "refused": Sample({"title": "", "amount": "douze"}, auto_id="refused_%s"),
        "rows": [
            ("Maître d’ouvrage", "Bailleur A"),
            ("Commune", "Lens"),
            ("Reçue", ""),
        ],
        "chosen": [("Arrondissement de Lens", "?"), ("Financement", "?")],
        "cases": [
            ("REH-2026-0014", "Cité des Ormes", Stage.FUNDING, 1_234_567_89),
            ("SUB-2026-0102", "Rénovation de l’école", Stage.COMMITTEE, 98_000_00),
        ],
    }


def _conflict(request: HttpRequest, now: datetime.datetime) -> HttpResponse:
    earlier = now - datetime.timedelta(minutes=12)
    return errors.conflict(
        request,
        case=SimpleNamespace(reference="REH-2026-0014", title="Cité des Ormes"),
        changes=[
            errors.Change("Camille Durand (DDTM 62)", earlier, "Déclarer complet")
        ],
        kept=[errors.Typed("Motif", "Il manque le plan de relogement.")],
        resume_url="?",
    )
