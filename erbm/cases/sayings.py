"""The form of a move, made from its declaration."""

import datetime
from collections.abc import Callable, Mapping
from typing import Any

from allauth.account.adapter import get_adapter
from django import forms
from django.core.exceptions import ValidationError

from erbm.fields import DayField, EurosField
from erbm.forms import Keyed, Seen
from workflow import inputs
from workflow.models import Subject
from workflow.process import Input, InputKind, Move

FEW_CHOICES = 7


def _line(wanted: Input) -> forms.Field:
    return forms.CharField(max_length=inputs.LINE_LENGTH)


def _text(wanted: Input) -> forms.Field:
    return forms.CharField(
        max_length=inputs.TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 4})
    )


def _day(wanted: Input) -> forms.Field:
    return DayField()


def _count(wanted: Input) -> forms.Field:
    return forms.IntegerField(min_value=0, max_value=inputs.LARGEST_COUNT)


def _cents(wanted: Input) -> forms.Field:
    return EurosField()


def _choice(wanted: Input) -> forms.Field:
    few = len(wanted.choices) <= FEW_CHOICES and wanted.required
    choices = list(wanted.choices) if few else [("", NO_CHOICE), *wanted.choices]
    return forms.ChoiceField(
        choices=choices, widget=forms.RadioSelect if few else forms.Select
    )


def _yes(wanted: Input) -> forms.Field:
    return forms.BooleanField()


NO_CHOICE = "Choisir"
FIELDS: Mapping[InputKind, Callable[[Input], forms.Field]] = {
    InputKind.LINE: _line,
    InputKind.TEXT: _text,
    InputKind.DAY: _day,
    InputKind.COUNT: _count,
    InputKind.CENTS: _cents,
    InputKind.CHOICE: _choice,
    InputKind.YES: _yes,
}


def field_for(wanted: Input) -> forms.Field:
    """Return the field in which an input is typed."""
    field = FIELDS[wanted.kind](wanted)
    field.label, field.help_text = wanted.label, wanted.help
    field.required = wanted.required
    field.widget.is_required = wanted.required
    return field


class Saying(Keyed):
    """What a move asks for, in the order of its declaration."""

    def __init__(self, *args: Any, move: Move, by: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.move, self.by = move, by
        self.fields |= {wanted.name: field_for(wanted) for wanted in move.inputs}
        if move.reason:
            self.fields["reason"] = forms.CharField(
                label="Motif",
                max_length=inputs.TEXT_LENGTH,
                widget=forms.Textarea(attrs={"rows": 4}),
            )
        self.fields["effective_on"] = DayField(
            label="Date d’effet",
            help_text="Si elle diffère d’aujourd’hui ; jamais dans l’avenir.",
            required=False,
        )
        if move.reauthenticate:
            self.fields["password"] = forms.CharField(
                label="Votre mot de passe",
                help_text="Ce geste vous engage personnellement.",
                strip=False,
                max_length=4096,
                widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
            )

    def clean(self) -> dict[str, Any]:
        """Ask for the identity last, so that no attempt is spent on a wrong form."""
        password = self.cleaned_data.get("password")
        if password and not self.errors:
            try:
                confirmed = get_adapter().reauthenticate(self.by, password)
            except ValidationError as refused:
                self.add_error("password", refused)
            else:
                if not confirmed:
                    self.add_error("password", "Ce n’est pas votre mot de passe.")
        return self.cleaned_data

    @property
    def said(self) -> dict[str, Any]:
        """What was typed, for the engine."""
        return {
            wanted.name: self.cleaned_data[wanted.name] for wanted in self.move.inputs
        }

    @property
    def reason(self) -> str:
        return str(self.cleaned_data.get("reason", ""))

    @property
    def effective_on(self) -> datetime.date | None:
        day: datetime.date | None = self.cleaned_data["effective_on"]
        return day


class MoveForm(Saying, Seen):
    """What a move asks for, of a case that has been seen."""


def as_it_stands(move: Move, subject: Subject) -> dict[str, Any]:
    """Return the counts and amounts that a move asks to bring up to date."""
    kinds = {InputKind.COUNT, InputKind.CENTS}
    names = [wanted.name for wanted in move.inputs if wanted.kind in kinds]
    return {n: getattr(subject, n) for n in names if hasattr(subject, n)}
