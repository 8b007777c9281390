"""The shape of what people type about sittings; the commands have the last word."""

from typing import Any

from django import forms

from erbm.committees.models import Body
from erbm.fields import DayField
from erbm.forms import Keyed, Seen
from erbm.lists import Filters
from flows.sitting.lifecycle import State

FUTURE, PAST = "a-venir", "passees"


class SittingFilters(Filters):
    """Which sittings to list."""

    body = forms.ChoiceField(label="Instance")
    when = forms.ChoiceField(
        label="Période",
        choices=[("", "Toutes"), (FUTURE, "À venir"), (PAST, "Passées")],
    )
    state = forms.ChoiceField(label="État", choices=[("", "Tous"), *State.choices])
    step = forms.CharField(label="Demande en cours", max_length=60)
    late = forms.ChoiceField(
        label="Échéance", choices=[("", "Toutes"), ("1", "En retard seulement")]
    )
    RARE = ("state", "step", "late")

    def __init__(self, *args: Any, bodies: list[Body], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Toutes"), *((body.code, body.name) for body in bodies)]
        self.fields["body"].choices = choices  # type: ignore[attr-defined]


class YearForm(Keyed):
    """The year whose sittings are planned."""

    year = forms.IntegerField(label="Année", min_value=2017, max_value=2199)


class SittingForm(Keyed):
    """A sitting beside those of the rule."""

    held_on = DayField(label="Date de la séance")
    place = forms.CharField(label="Lieu", max_length=300, required=False)


class DateForm(Seen):
    """When and where a sitting takes place."""

    held_on = DayField(label="Date de la séance")
    starts_at = forms.TimeField(
        label="Heure", widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )
    place = forms.CharField(label="Lieu", max_length=300, required=False)
