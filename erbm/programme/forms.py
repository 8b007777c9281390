"""The shape of a change of rules, and of what is done with credits."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.http import QueryDict

from erbm.fields import DayField, EurosField
from erbm.programme import queries
from erbm.programme.commands import Place, RuleChange
from erbm.programme.models import (
    Campaign,
    Envelope,
    Level,
    Mark,
    SchemeRule,
    ServicePlan,
)
from erbm.programme.models.envelopes import DEPARTEMENTS
from erbm.programme.models.rules import GROUPS, SETTINGS
from erbm.programme.schemes import GRANTED_CHOICES
from workflow.inputs import LARGEST_CENTS
from workflow.models import Unit

FIRST_YEAR, LAST_YEAR = 2017, 2040  # the engagement began in 2017
BOUNDED = (("_percent", "en %", 100), ("_months", "en mois", 240))
"""What the names of some settings end with, their unit, and the most they may be."""


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """The settings of a scheme, and the text that changes them."""

    commission_cents = EurosField(
        label="Commission des élus au-delà de (en euros)", required=False
    )
    mark = forms.ChoiceField(
        label="Ce que vaut la source", choices=Mark.choices, initial=Mark.TEXT
    )
    source = forms.CharField(
        label="Texte ou source de ce changement",
        max_length=300,
        help_text="Par exemple : décret n° 2027-12 du 3 janvier 2027, art. 4.",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    class Meta:
        model = SchemeRule
        fields = SETTINGS

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            for ending, unit, most in BOUNDED:
                if name.endswith(ending):
                    field.label = f"{field.label}, {unit}"
                    field.widget.attrs |= {"min": 0, "max": most}
                    field.validators.append(MaxValueValidator(most))
        self.fields["cumul"].required = False

    def clean_list_by(self) -> str:
        """Read a day of the year, as 07-31."""
        text: str = self.cleaned_data["list_by"]
        month, _, day = text.partition("-")
        if text and not (
            len(text) == 5
            and text.replace("-", "", 1).isdecimal()
            and 1 <= int(month or 0) <= 12
            and 1 <= int(day or 0) <= 31
        ):
            raise forms.ValidationError("Écrivez le mois et le jour : 07-31.")
        return text

    @property
    def grouped(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields, as the page of the rules groups them."""
        return [
            (title, [self[name] for name in names]) for title, names in GROUPS.items()
        ]

    @property
    def change(self) -> RuleChange:
        said = self.cleaned_data
        return RuleChange(
            values={name: said[name] for name in SETTINGS},
            mark=Mark(said["mark"]),
            source=said["source"],
        )


class EnvelopeForm(forms.Form):
    """The envelope of the region for a scheme and a year."""

    scheme = forms.ChoiceField(label="Dispositif", choices=GRANTED_CHOICES)
    year = forms.IntegerField(
        label="Exercice", min_value=FIRST_YEAR, max_value=LAST_YEAR
    )
    cents = EurosField(label="Dotation")


class AmountForm(forms.Form):
    """An amount, for an envelope as it was seen."""

    cents = EurosField(label="Montant")
    seen = forms.IntegerField(
        widget=forms.HiddenInput, min_value=0, max_value=LARGEST_CENTS
    )

    def clean_cents(self) -> int:
        cents: int = self.cleaned_data["cents"]
        if not cents:
            raise forms.ValidationError("Le montant ne peut pas être nul.")
        return cents


class GrantForm(AmountForm):
    """Credits that come from above, or that are taken away."""

    SIGNS = (("plus", "Abonder"), ("minus", "Réduire"))
    sign = forms.ChoiceField(
        label="Mouvement", choices=SIGNS, widget=forms.RadioSelect, initial="plus"
    )
    field_order = ("sign", "cents", "seen")

    @property
    def signed_cents(self) -> int:
        cents: int = self.cleaned_data["cents"]
        return cents if self.cleaned_data["sign"] == "plus" else -cents


class DelegationForm(AmountForm):
    """Credits handed over to a place below."""

    place = forms.ChoiceField(label="Vers")
    field_order = ("place", "cents", "seen")

    def __init__(
        self, data: QueryDict | None, *, envelope: Envelope, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self._places = _places(envelope)
        choices = [(code, label) for code, (label, _) in self._places.items()]
        self.fields["place"].choices = choices  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Place:
        return self._places[self.cleaned_data["place"]][1]


def _places(envelope: Envelope) -> dict[str, tuple[str, Place]]:
    match Level(envelope.level).below:
        case Level.DEPARTEMENT:
            return {
                code: (name, Place(Level.DEPARTEMENT, code))
                for code, name in DEPARTEMENTS.items()
            }
        case Level.ARRONDISSEMENT:
            return {
                one.code: (one.name, Place(Level.ARRONDISSEMENT, one.departement, one))
                for one in queries.places_below(envelope)
            }
    return {}


class CampaignForm(forms.ModelForm):  # type: ignore[type-arg]
    """A campaign and its days."""

    class Meta:
        model = Campaign
        fields = ("name", "opens_on", "closes_on", "committee_on", "notified_on")
        field_classes = dict.fromkeys(fields[1:], DayField)


class ServicePlanForm(forms.ModelForm):  # type: ignore[type-arg]
    """What a service plans for a year, and what it has done."""

    planned_cents = EurosField(label="Prévu")
    spent_cents = EurosField(label="Réalisé", initial=0)

    class Meta:
        model = ServicePlan
        fields = ("year", "unit", "label", "theme", "planned_cents", "spent_cents")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = Unit.objects.filter(
            is_active=True, organisation__category__in=("state", "operator")
        )
        self.fields["unit"].queryset = units.order_by("short_name")  # type: ignore[attr-defined]


class TagForm(forms.Form):
    """A case to count under a tag, by its reference."""

    reference = forms.CharField(label="Référence de l’opération", max_length=40)
