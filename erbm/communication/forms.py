"""The shape of what people type about public events."""

import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from erbm.communication.commands import Announcement
from erbm.communication.models import Occasion
from erbm.fields import DayField
from erbm.lists import Filters
from workflow import inputs
from workflow.deadlines import LOCAL

TIME = forms.TimeInput(format="%H:%M", attrs={"type": "time"})


class EventForm(forms.Form):
    """What, when and where."""

    occasion = forms.ChoiceField(label="Nature", choices=Occasion.choices)
    title = forms.CharField(label="Intitulé", max_length=200)
    on = DayField(label="Date")
    from_time = forms.TimeField(label="Début", widget=TIME)
    to_time = forms.TimeField(label="Fin", required=False, widget=TIME)
    place = forms.CharField(label="Lieu", max_length=200)
    note = forms.CharField(
        label="Précisions",
        help_text="Personnalités attendues, presse, accès.",
        required=False,
        max_length=inputs.TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        start, end = said.get("from_time"), said.get("to_time")
        if start and end and end <= start:
            self.add_error("to_time", "La fin doit suivre le début.")
        return said

    @property
    def announcement(self) -> Announcement:
        said = self.cleaned_data
        end = said["to_time"]
        return Announcement(
            occasion=said["occasion"],
            title=said["title"],
            starts_at=_moment(said["on"], said["from_time"]),
            ends_at=_moment(said["on"], end) if end else None,
            place=said["place"],
            note=said["note"],
        )


def _moment(day: datetime.date, time: datetime.time) -> datetime.datetime:
    return datetime.datetime.combine(day, time, tzinfo=LOCAL)


class CallOffForm(forms.Form):
    """Why an event will not take place."""

    reason = forms.CharField(label="Motif", max_length=300)


class MonthFilter(Filters):
    """Which month a calendar shows."""

    month = forms.CharField(label="Mois", max_length=7)

    def clean_month(self) -> datetime.date | None:
        """Return the first day of the month, written as 2026-03."""
        written = self.cleaned_data["month"]
        if not written:
            return None
        try:
            return datetime.date.fromisoformat(f"{written}-01")
        except ValueError:
            raise ValidationError("Ce mois n’existe pas.") from None
