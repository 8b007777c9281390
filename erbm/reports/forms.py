"""Which report is asked for, and as of which day."""

import datetime
from typing import Any

from django import forms

from erbm.fields import DayField


class ReportForm(forms.Form):
    """A day, which has come."""

    until = DayField(
        label="Arrêté au",
        help_text="Les chiffres sont relus dans le journal, tels qu’ils étaient à la "
        "fin de ce jour.",
    )

    def __init__(self, *args: Any, today: datetime.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_until(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["until"]
        if day > self.today:
            raise forms.ValidationError("Ce jour n’est pas encore venu.")
        return day
