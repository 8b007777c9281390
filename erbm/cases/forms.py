"""The shape of what people type about any case; the engine has the last word."""

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms

from erbm.fields import DayField
from erbm.forms import Keyed
from workflow import inputs
from workflow.deadlines import LOCAL, end_of


class MomentForm(forms.Form):
    """A moment of the past, at the end of the day if no time is said."""

    day = DayField(label="Date")
    time = forms.TimeField(
        label="Heure",
        required=False,
        help_text="La fin de la journée, si elle n’est pas dite.",
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
    )

    @property
    def moment(self) -> datetime.datetime:
        said = self.cleaned_data
        if said["time"] is None:
            return end_of(said["day"])
        return datetime.datetime.combine(said["day"], said["time"], tzinfo=LOCAL)


class ReasonForm(Keyed):
    """Nothing but a reason."""

    reason = forms.CharField(
        label="Motif",
        max_length=inputs.TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ClockForm(ReasonForm):
    """Why a clock stops or goes on, and from which day."""

    on = DayField(label="À compter du", required=False)
    field_order = ["on", "reason"]


class ConflictForm(ReasonForm):
    """Whose interest, and which."""

    about = forms.TypedChoiceField(label="Personne concernée", coerce=int)
    field_order = ["about", "reason"]

    def __init__(self, *args: Any, people: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {person.pk: person for person in people}
        choices = [(person.pk, str(person)) for person in people]
        self.fields["about"].choices = choices  # type: ignore[attr-defined]
