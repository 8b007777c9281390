"""Which cases pass from a version of their procedure to another, and how."""

from collections.abc import Iterator
from typing import Any

from django import forms

from erbm import words
from erbm.desk.queries.transfers import Way
from erbm.forms import Keyed


class TransferForm(Keyed):
    """Which cases change version, and what their states and steps become there."""

    references = forms.CharField(
        label="Dossiers",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=words.typeset(
            "Un numéro par ligne ; aucun : tous ceux qui suivent cette version."
        ),
    )
    with_closed = forms.BooleanField(
        label="Aussi les dossiers terminés", required=False
    )
    keeps_signatures = forms.BooleanField(
        label="Garder les signatures recueillies", required=False, initial=True
    )
    reason = forms.CharField(
        label="Motif", max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, way: Way, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.way = way
        for kind, (left, joined) in (("state", way.states()), ("step", way.steps())):
            for name, label in left.items():
                # What keeps its name cannot be said to have no equivalent.
                none = [] if name in joined else [("", "Aucun équivalent")]
                self.fields[f"{kind}.{name}"] = forms.ChoiceField(
                    label=label,
                    choices=[*none, *joined.items()],
                    initial=name if name in joined else "",
                    required=False,
                )

    def clean_references(self) -> list[str]:
        return str(self.cleaned_data["references"]).replace(",", " ").split()

    def said_of(self, kind: str) -> dict[str, str]:
        """Return the new names given to states, or to steps."""
        prefix = f"{kind}."
        return {
            name.removeprefix(prefix): value
            for name, value in self.cleaned_data.items()
            if name.startswith(prefix) and value
        }

    @property
    def groups(self) -> Iterator[tuple[str, str, list[Any], list[Any]]]:
        """Return the questions on names: those without a namesake, then the others."""
        for kind, title, help_text in (
            ("state", "États", "Sans équivalent, un dossier dans cet état est refusé."),
            ("step", "Tâches", "Sans équivalent, la tâche est close et redemandée."),
        ):
            asked = [self[name] for name in self.fields if name.startswith(f"{kind}.")]
            changed = [field for field in asked if not field.initial]
            same = [field for field in asked if field.initial]
            yield title, help_text, changed, same

    @property
    def others(self) -> list[forms.BoundField]:
        return [one for one in self.visible_fields() if "." not in one.name]
