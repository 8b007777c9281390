"""The form fields that several applications ask for."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from erbm import words
from workflow.inputs import EARLIEST_DAY, LARGEST_CENTS, LATEST_DAY

SPACES = str.maketrans("", "", f" {words.FIXED}{words.NARROW}€")


class EurosField(forms.CharField):
    """An amount as people write it in French; its value is a number of cents."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": "Écrivez un montant en euros, par exemple 1 250 000 ou 980,50.",
        "negative": "Le montant ne peut pas être négatif.",
        "too_large": "Ce montant est trop grand.",
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget",
            forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        )
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:  # type: ignore[override]
        written = str(value or "").translate(SPACES).replace(",", ".")
        if not written:
            return None
        try:
            cents = Decimal(written) * 100
        except ArithmeticError:  # not a number, or one of a million digits
            raise self._refusal("invalid") from None
        if not cents.is_finite() or cents != cents.to_integral_value():
            raise self._refusal("invalid")
        if cents < 0:
            raise self._refusal("negative")
        if cents > LARGEST_CENTS:
            raise self._refusal("too_large")
        return int(cents)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, int):
            return value
        return words.money(value).removesuffix(f"{words.FIXED}€")

    def _refusal(self, code: str) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code)


class DayField(forms.DateField):
    """A day, picked in the browser's own calendar."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        )
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%d/%m/%Y"])
        super().__init__(**kwargs)

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is not None and not EARLIEST_DAY <= value <= LATEST_DAY:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
