"""The shape of what people type about grants; the engine has the last word."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from erbm.cases.sayings import NO_CHOICE
from erbm.fields import DayField, EurosField
from erbm.forms import Keyed, Seen
from erbm.grants.commands import PaymentDraft
from erbm.grants.models import (
    ActKind,
    Answer,
    DocumentKind,
    Figure,
    GrantDocument,
    PaymentKind,
    RequestedPiece,
)
from erbm.lists import Filters
from erbm.operations import uploads
from erbm.programme.models import Envelope
from erbm.programme.schemes import GRANTED_CHOICES
from flows.grant.states import State
from flows.payment.lifecycle import State as PaymentState
from workflow import inputs, journeys

MOST_PIECES = 60
LONGEST_PIECE = 300


class RateField(forms.DecimalField):
    """A rate typed in per cent; its value is in hundredths of one per cent."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", Decimal(0))
        kwargs.setdefault("max_value", Decimal(100))
        super().__init__(max_digits=5, decimal_places=2, localize=True, **kwargs)

    def clean(self, value: Any) -> int | None:
        typed = value.strip().removesuffix("%").strip() if value else value
        rate = super().clean(typed)
        return None if rate is None else int(rate * 100)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, int):
            return value
        return f"{Decimal(value) / 100:.2f}".replace(".", ",")


def _text(label: str, rows: int = 4) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=inputs.TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class ActForm(Seen):
    """What the act will say; what is missing is told, and forbids its signature."""

    act_kind = forms.ChoiceField(
        label="Forme de l’acte", choices=ActKind.choices, widget=forms.RadioSelect
    )
    purpose = _text("Objet", 3)
    basis_cents = EurosField(label="Dépense subventionnable")
    rate = RateField(label="Taux (%)")
    award_cents = EurosField(label="Montant attribué")
    planned_start_on = DayField(label="Commencement prévu le", required=False)
    planned_end_on = DayField(label="Achèvement prévu le", required=False)
    payment_terms = _text("Modalités de versement")
    repayment_terms = _text("Clause de reversement")
    appeal_terms = _text("Voies et délais de recours")

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        start, end = said.get("planned_start_on"), said.get("planned_end_on")
        if start and end and end < start:
            self.add_error("planned_end_on", "L’achèvement suit le commencement.")
        return said

    @property
    def columns(self) -> dict[str, Any]:
        apart = {"key", "seen"}
        return {n: v for n, v in self.cleaned_data.items() if n not in apart}


class EnvelopeForm(Seen):
    """From which envelope a grant will be paid."""

    envelope = forms.ModelChoiceField(
        label="Enveloppe", queryset=Envelope.objects.none(), empty_label=NO_CHOICE
    )

    def __init__(self, *args: Any, envelopes: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["envelope"].queryset = envelopes  # type: ignore[attr-defined]


class PaymentForm(Keyed):
    """How much an owner asks to be paid."""

    amount_cents = EurosField(label="Montant demandé")
    spent_cents = EurosField(
        label="Dépense totale justifiée à ce jour",
        help_text="Toutes les dépenses payées depuis le commencement.",
        required=False,
    )

    def __init__(self, *args: Any, kind: PaymentKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        if kind == PaymentKind.ADVANCE:
            del self.fields["spent_cents"]
        elif kind == PaymentKind.INSTALMENT:
            self.fields["spent_cents"].required = True

    @property
    def draft(self) -> PaymentDraft:
        said = self.cleaned_data
        spent = said.get("spent_cents") or 0
        return PaymentDraft(self.kind, said["amount_cents"], spent)


class EditPaymentForm(Seen, PaymentForm):
    """The same, of a payment that is being prepared."""


class PieceForm(Keyed):
    """A file to join."""

    kind = forms.ChoiceField(
        label="Nature", choices=[("", NO_CHOICE), *DocumentKind.choices]
    )
    title = forms.CharField(
        label="Titre",
        help_text="Laissé vide : sa nature.",
        required=False,
        max_length=200,
    )
    answers = forms.TypedChoiceField(
        label="Répond à la demande", required=False, coerce=int, empty_value=None
    )
    file = forms.FileField(
        label="Fichier",
        max_length=uploads.LONGEST_NAME,
        help_text=f"{uploads.LARGEST // 1024**2} Mo au plus ; "
        f"{', '.join(uploads.FORMATS)}.",
        widget=forms.FileInput(attrs={"accept": uploads.ACCEPTED}),
    )

    def __init__(
        self, *args: Any, requests: Sequence[RequestedPiece] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not requests:
            del self.fields["answers"]
            return
        asked = [(request.pk, request.label) for request in requests]
        answers = self.fields["answers"]
        answers.choices = [("", "Aucune"), *asked]  # type: ignore[attr-defined]

    def clean_title(self) -> str:
        title: str = self.cleaned_data["title"]
        labels = dict(DocumentKind.choices)
        return title or str(labels.get(self.cleaned_data.get("kind", ""), ""))

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        try:
            self.content_type = uploads.content_type_of(file)
        except uploads.Unacceptable as refused:
            raise ValidationError(str(refused)) from None
        return file


class EuropeanForm(Keyed):
    """Under which European programme a grant is paid, and what it must justify."""

    programme = forms.CharField(label="Programme", max_length=200)
    axis = forms.CharField(label="Priorité ou axe", max_length=200)
    objective = forms.CharField(
        label="Objectif spécifique", max_length=200, required=False
    )
    authority = forms.CharField(label="Autorité de gestion", max_length=200)
    reference = forms.CharField(
        label="Numéro de dossier", max_length=60, required=False
    )
    eligible_from = DayField(label="Dépenses éligibles du")
    eligible_until = DayField(label="Dépenses éligibles au")
    rate = RateField(label="Taux de cofinancement (%)")
    pieces = forms.CharField(
        label="Pièces justificatives attendues",
        help_text="Une pièce par ligne, dans l’ordre de la liste imprimée.",
        max_length=inputs.TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def clean_pieces(self) -> list[str]:
        typed = self.cleaned_data["pieces"].splitlines()
        lines = list(dict.fromkeys(filter(None, map(str.strip, typed))))
        if len(lines) > MOST_PIECES:
            raise ValidationError(f"{MOST_PIECES} pièces au plus.")
        if any(len(line) > LONGEST_PIECE for line in lines):
            raise ValidationError(f"{LONGEST_PIECE} caractères au plus par pièce.")
        return lines

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        start, end = said.get("eligible_from"), said.get("eligible_until")
        if start and end and end < start:
            self.add_error("eligible_until", "La période finit après son début.")
        return said

    @property
    def columns(self) -> dict[str, Any]:
        apart = {"key", "pieces"}
        return {n: v for n, v in self.cleaned_data.items() if n not in apart}

    def answered(self, documents: Iterable[GrantDocument]) -> dict[str, int | None]:
        """Pair each document that is wanted with the one that bears its title."""
        known = {document.title.casefold(): document.pk for document in documents}
        wanted: list[str] = self.cleaned_data["pieces"]
        return {label: known.get(label.casefold()) for label in wanted}


class RestitutionForm(Keyed):
    """A file of Chorus."""

    file = forms.FileField(
        label="Restitution Chorus",
        max_length=uploads.LONGEST_NAME,
        help_text="Fichier CSV : une ligne par EJ, avec les montants engagé et payé.",
        widget=forms.FileInput(attrs={"accept": ".csv"}),
    )


class AnswerForm(Keyed):
    """What somebody makes of a difference, and why."""

    answer = forms.ChoiceField(
        label="Suite",
        choices=[one for one in Answer.choices if one[0] != Answer.OPEN],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="Motif",
        max_length=inputs.TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _one_of(label: str, choices: Any, whatever: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[("", whatever), *choices])


def _steps(process: str) -> list[tuple[str, str]]:
    flows = journeys.registered_flows()
    return [
        (step.name, step.task_title)
        for flow in flows
        if flow.process.name == process
        for step in flow.steps()
    ]


class GrantFilters(Filters):
    """Which grants to list."""

    q = forms.CharField(label="Référence, EJ ou intitulé", max_length=100)
    state = _one_of("État", State.choices, "Tous")
    scheme = _one_of("Dispositif", GRANTED_CHOICES, "Tous")
    kind = _one_of("Nature", [("grant", "Subvention")], "Toutes")
    step = _one_of("Demande en cours", [], "Toutes")
    late = _one_of("Échéance", [("1", "En retard seulement")], "Toutes")
    envelope = forms.TypedChoiceField(label="Enveloppe", coerce=int)
    money = _one_of("Part de l’enveloppe", Figure.choices, "Toutes")
    RARE = ("kind", "step", "late", "envelope", "money")

    def __init__(self, *args: Any, sees_money: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Toutes"), *_steps("grant")]
        self.fields["step"].choices = choices  # type: ignore[attr-defined]
        known = Envelope.objects.with_places().in_order() if sees_money else ()
        envelopes = [("", "Toutes"), *((one.pk, str(one)) for one in known)]
        self.fields["envelope"].choices = envelopes  # type: ignore[attr-defined]


class PaymentFilters(Filters):
    """Which payments to list."""

    state = _one_of("État", PaymentState.choices, "Tous")
    nature = _one_of("Nature", PaymentKind.choices, "Toutes")
    kind = _one_of("Procédure", [("payment", "Paiement")], "Toutes")
    step = _one_of("Demande en cours", [], "Toutes")
    late = _one_of("Échéance", [("1", "En retard seulement")], "Toutes")
    RARE = ("kind", "step", "late")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Toutes"), *_steps("payment")]
        self.fields["step"].choices = choices  # type: ignore[attr-defined]
