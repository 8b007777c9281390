"""The shape of a calendar of works, of a photograph, of what a counter counts."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from erbm.delivery.commands import MOST_PHASES, Planned
from erbm.delivery.figures import DIMENSIONS
from erbm.delivery.models import Phase
from erbm.fields import DayField
from erbm.forms import Seen
from erbm.lists import Filters
from erbm.operations.forms import FileForm
from workflow import inputs

PHASES = "phases"
SPARE_ROWS = 3
PICTURES = frozenset({"image/png", "image/jpeg"})


class PhaseForm(forms.Form):
    """One phase, or one milestone; a line left blank is not there."""

    name = forms.CharField(label="Phase ou jalon", max_length=120)
    dwellings = forms.IntegerField(
        label="Logements",
        required=False,
        min_value=0,
        max_value=inputs.LARGEST_COUNT,
    )
    planned_from = DayField(label="Début prévu", required=False)
    planned_to = DayField(label="Fin prévue")
    forecast_to = DayField(label="Fin annoncée", required=False)
    actual_from = DayField(label="Commencée le", required=False)
    actual_to = DayField(label="Terminée le", required=False)

    @property
    def planned(self) -> Planned:
        said = self.cleaned_data
        return Planned(**{name: said[name] for name in self.fields if name in ORDER})


ORDER = tuple(PhaseForm.base_fields)


class PhaseLines(forms.BaseFormSet):  # type: ignore[type-arg]
    """The phases of a calendar, with a few blank ones."""

    @property
    def planned(self) -> list[Planned]:
        return [
            form.planned
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]


PhaseFormSet = forms.formset_factory(
    PhaseForm,
    formset=PhaseLines,
    extra=SPARE_ROWS,
    max_num=MOST_PHASES,
    absolute_max=MOST_PHASES,
    validate_max=True,
    can_delete=True,
    can_delete_extra=False,
)


class ScheduleForm(Seen):
    """A calendar drawn up for a version of the operation."""

    def __init__(
        self,
        data: QueryDict | None,
        *,
        typed: QueryDict | None,
        phases: Sequence[Phase],
        initial: dict[str, Any],
    ) -> None:
        """Take `typed` as the phases, even when the rest of a form came too late."""
        super().__init__(data, initial=initial)
        known = [{name: getattr(one, name) for name in ORDER} for one in phases]
        self.lines: Any = PhaseFormSet(typed, initial=known, prefix=PHASES)

    def is_valid(self) -> bool:
        # Both say what is wrong, whichever comes first.
        return all([super().is_valid(), self.lines.is_valid()])

    @property
    def planned(self) -> list[Planned]:
        planned: list[Planned] = self.lines.planned
        return planned

    def typed(self) -> Iterator[tuple[str, str]]:
        for number, form in enumerate(self.lines.forms, start=1):
            said = [form[name].data or "" for name in ("name", "planned_to")]
            if any(said):
                yield f"Phase {number}", " ".join(said).strip()


class PhotoForm(FileForm):
    """A photograph of the works, and when it was taken."""

    caption = forms.CharField(label="Légende", max_length=200)
    taken_on = DayField(label="Prise le")
    field_order = ["caption", "taken_on", "file"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        file = self.fields["file"]
        file.label = "Photographie"
        file.help_text = (
            "PNG ou JPEG, 25 Mo au plus. Le lieu, la date et l’appareil que le fichier "
            "contient en sont retirés."
        )
        file.widget.attrs["accept"] = ".png,.jpg,.jpeg"

    def clean_file(self) -> Any:
        file = super().clean_file()
        if self.content_type not in PICTURES:
            raise ValidationError("Une photographie est un fichier PNG ou JPEG.")
        return file and self.bare(file)


class CounterFilters(Filters):
    """At which moment to count, and by what."""

    au = DayField(label="Au")
    par = forms.ChoiceField(
        label="Par",
        choices=[(name, label) for name, (label, _) in DIMENSIONS.items()],
    )
    SILENT = ("par",)
