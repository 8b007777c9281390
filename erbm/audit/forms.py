"""What an auditor searches by, and what she compares the log with."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from erbm.accounts.models import User
from erbm.audit.queries import acts, people
from erbm.cases import rooms
from erbm.fields import DayField
from erbm.lists import Filters
from workflow.models import EntryKind

REFERENCE = re.compile(r"[A-Z]{1,4}-\d{4}-\d{1,6}")
LARGEST_NOTE = 20_000  # bytes: that of a checkpoint has three hundred


class Found(Filters):
    """What both searches begin with; `name` only serves to find the person."""

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
    since = DayField(label="À partir du")
    until = DayField(label="Jusqu’au")

    def clean_reference(self) -> str:
        # Nothing else than a reference is kept in the register.
        reference = str(self.cleaned_data["reference"]).upper()
        if reference and not REFERENCE.fullmatch(reference):
            raise ValidationError("Écrivez une référence, par exemple R-2026-00012.")
        return reference

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
        if isinstance(self.fields[name], forms.ChoiceField):
            return _labels(self.fields[name])[value]
        return super().in_words(name)

    @property
    def kept(self) -> dict[str, str]:
        """What the form sends again without showing it."""
        return {n: v for n, v in self.params.items() if n == "person"}

    @property
    def criteria(self) -> dict[str, str]:
        """The filters in force, as references: what the register keeps of a search."""
        params = {n: v for n, v in self.params.items() if n != "name"}
        if reference := self.said.get("reference"):
            params["reference"] = reference
        return params


def _procedures() -> list[tuple[str, str]]:
    """Name the procedures that have pages, which register after this is read."""
    return [("", "Toutes"), *rooms.labels().items()]


class TrailFilters(Found):
    """Which events to show."""

    act = forms.ChoiceField(label="Geste")
    unit = forms.ChoiceField(label="Unité")
    kind = forms.ChoiceField(label="Procédure", choices=_procedures)

    field_order = ("name", "reference", "act", "unit", "kind", "since", "until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered: dict[str, Any] = {
            "act": [("", "Tous"), *acts.choices()],
            "unit": [("", "Toutes"), *people.units()],
        }
        for name, choices in offered.items():
            self.fields[name].choices = choices  # type: ignore[attr-defined]


class RegisterFilters(Found):
    """Which entries of the register to show."""

    entry = forms.ChoiceField(
        label="Nature", choices=[("", "Toutes"), *EntryKind.choices]
    )

    field_order = ("name", "reference", "entry", "since", "until")


def _labels(asked: Any) -> dict[str, str]:
    """Name the choices of a field, grouped or not."""
    labels: dict[str, str] = {}
    for value, label in asked.choices:
        labels |= dict(label) if isinstance(label, list) else {value: label}
    return labels


class WitnessForm(forms.Form):
    """A signed note or a receipt that somebody kept: pasted, or in a file."""

    text = forms.CharField(
        label="Note signée ou reçu",
        help_text="Collez-la telle qu’elle vous a été remise, signature comprise.",
        required=False,
        strip=False,
        max_length=LARGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )
    file = forms.FileField(label="Ou un fichier", required=False)

    def clean(self) -> dict[str, Any]:
        """Read the file, if there is one, in place of what is pasted."""
        said: dict[str, Any] = self.cleaned_data
        if file := said.get("file"):
            said["text"] = _read(file)
        if not said.get("text") and not self.errors:
            raise ValidationError(
                "Collez une note ou un reçu, ou choisissez un fichier."
            )
        return said

    @property
    def note(self) -> str:
        """What was given, its lines ended as they are signed."""
        text = str(self.cleaned_data["text"]).replace("\r\n", "\n")
        return f"{text.strip()}\n"


def _read(file: Any) -> str:
    if file.size > LARGEST_NOTE:
        raise ValidationError("Ce fichier est trop long pour une note signée.")
    try:
        return str(file.read().decode())
    except UnicodeDecodeError:
        raise ValidationError("Ce fichier n’est pas un texte.") from None
