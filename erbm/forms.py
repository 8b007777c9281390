"""What every form that changes a case carries, and how it shows a refusal."""

import datetime
import uuid
from collections.abc import Iterable, Iterator

from django import forms
from django.core.exceptions import ValidationError

from erbm.words import FIXED, day, typeset
from workflow.refusals import Refusal

LARGEST_VERSION = 2**31 - 1


class Keyed(forms.Form):
    """A form that acts once, however often it is sent."""

    key = forms.UUIDField(widget=forms.HiddenInput)

    @property
    def is_forged(self) -> bool:
        """Tell whether what only our own pages write is missing or absurd."""
        hidden = {field.name for field in self.hidden_fields()}
        return self.is_bound and bool(hidden.intersection(self.errors))

    def typed(self) -> Iterator[tuple[str, str]]:
        """Return what was answered, question by question, but for secrets and files."""
        for field in self.visible_fields():
            if isinstance(field.field.widget, forms.PasswordInput | forms.FileInput):
                continue
            if field.data:
                yield str(field.label), _as_read(field)


class Seen(Keyed):
    """A form made from a version of the case, which must still be the present one."""

    seen = forms.IntegerField(
        widget=forms.HiddenInput, min_value=0, max_value=LARGEST_VERSION
    )


def _as_read(field: forms.BoundField) -> str:
    if isinstance(field.field, forms.BooleanField):
        return "oui"
    if isinstance(field.field, forms.ChoiceField):
        return str(dict(field.field.choices).get(field.data, field.data))  # type: ignore[arg-type]
    try:
        value = field.field.to_python(field.data)
    except ValidationError:
        value = field.data
    return day(value) if isinstance(value, datetime.date) else str(field.data)


def new_key() -> str:
    return str(uuid.uuid4())


def explain(form: forms.BaseForm, refusals: Iterable[Refusal]) -> None:
    """Write refusals into a form, beside the fields at fault."""
    for refusal in refusals:
        field = refusal.field if refusal.field in form.fields else None
        message = typeset(refusal.message)
        if field:
            label = typeset(str(form.fields[field].label))
            message = message.removeprefix(label).lstrip(f" :{FIXED}")
            message = message[:1].upper() + message[1:]
        form.add_error(field, message)
