"""What an auditor searches by."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from erbm.accounts.models import User
from erbm.audit.queries import acts, people
from erbm.fields import DayField
from erbm.lists import Filters
from erbm.operations.models import Kind


class TrailFilters(Filters):
    """Which events to show; `name` only serves to find the person."""

    name = forms.CharField(
        label="Personne",
        max_length=100,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": "Nom ou adresse"}
        ),
    )
    person = forms.ModelChoiceField(User.objects.all(), widget=forms.HiddenInput)
    reference = forms.CharField(
        label="Dossier",
        max_length=40,
        widget=forms.TextInput(attrs={"placeholder": "R-2026-00012"}),
    )
    act = forms.ChoiceField(label="Geste ou événement")
    unit = forms.ChoiceField(label="Unité")
    kind = forms.ChoiceField(label="Procédure", choices=[("", "Toutes"), *Kind.choices])
    since = DayField(label="À partir du")
    until = DayField(label="Jusqu’au")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered: dict[str, Any] = {
            "act": [("", "Tous"), *acts.choices()],
            "unit": [("", "Toutes"), *people.units()],
        }
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    def clean_reference(self) -> str:
        return str(self.cleaned_data["reference"]).upper()

    def clean_until(self) -> Any:
        until, since = self.cleaned_data["until"], self.cleaned_data.get("since")
        if until and since and until < since:
            raise ValidationError("La période finit avant de commencer.")
        return until

    def usual(self) -> list[forms.BoundField]:
        return [one for one in super().usual() if one.name != "person"]

    def in_words(self, name: str) -> str:
        value = self.said[name]
        if name == "person":
            return str(value)
        if name in {"act", "unit"}:
            return _labels(self.fields[name])[value]
        return super().in_words(name)

    @property
    def criteria(self) -> dict[str, str]:
        """The filters in force, as references: what the register keeps of a search."""
        return {n: v for n, v in self.params.items() if n != "name"}


def _labels(asked: Any) -> dict[str, str]:
    """Name the choices of a field, grouped or not."""
    labels: dict[str, str] = {}
    for value, label in asked.choices:
        labels |= dict(label) if isinstance(label, list) else {value: label}
    return labels
