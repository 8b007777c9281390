"""The shape of a scenario to draw up, and of what is corrected in it by hand."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms

from erbm.fields import EurosField
from erbm.forms import LARGEST_VERSION
from erbm.programme.models import Envelope, Theme
from erbm.scenarios.candidates import HELP, LABELS, Criterion
from erbm.scenarios.commands import LIMIT, Wanted
from erbm.scenarios.models import Method, Share

MOST = 10  # the weight of what counts most
USUAL = {
    Criterion.DWELLINGS: 4,
    Criterion.OWN_SHARE: 1,
    Criterion.READINESS: 3,
    Criterion.BALANCE: 1,
    Criterion.THEME: 1,
}


class ScenarioForm(forms.Form):
    """How an envelope is to be shared."""

    envelope = forms.TypedChoiceField(label="Enveloppe", coerce=int)
    name = forms.CharField(label="Nom du scénario", max_length=120)
    method = forms.ChoiceField(
        label="Répartir", choices=Method.choices, initial=Method.RANKING
    )
    cap_percent = forms.IntegerField(
        label="Part maximale d’un arrondissement, en %",
        min_value=1,
        max_value=100,
        required=False,
    )
    with_drafts = forms.BooleanField(
        label="Avec les projets qui ne sont pas encore déposés", required=False
    )
    themes = forms.MultipleChoiceField(
        label="Thèmes prioritaires",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        envelopes = Envelope.objects.with_places().in_order()
        self._choose("envelope", [(one.pk, str(one)) for one in envelopes])
        themes = Theme.objects.order_by("rank", "label")
        self._choose("themes", [(one.code, one.label) for one in themes])
        for one in Criterion:
            self.fields[f"weight_{one}"] = forms.IntegerField(
                label=LABELS[one],
                help_text=f"De 0 à {MOST} : {HELP[one]}.",
                min_value=0,
                max_value=MOST,
                initial=USUAL[one],
            )

    def _choose(self, name: str, choices: list[tuple[Any, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def plain_fields(self) -> list[forms.BoundField]:
        names = ("envelope", "name", "method", "cap_percent", "with_drafts")
        return [self[name] for name in names]

    @property
    def weight_fields(self) -> list[forms.BoundField]:
        return [self[f"weight_{one}"] for one in Criterion]

    @property
    def wanted(self) -> Wanted:
        said = self.cleaned_data
        return Wanted(
            envelope_id=said["envelope"],
            name=said["name"],
            method=Method(said["method"]),
            weights={str(one): said[f"weight_{one}"] for one in Criterion},
            themes=said["themes"],
            cap_percent=said["cap_percent"],
            with_drafts=said["with_drafts"],
        )


class SeenForm(forms.Form):
    """A scenario as it was seen."""

    seen = forms.IntegerField(
        widget=forms.HiddenInput, min_value=0, max_value=LARGEST_VERSION
    )


class AmountsForm(SeenForm):
    """What each operation of a scenario receives, and why not all that it asks for."""

    def __init__(self, *args: Any, items: list[Share], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._items = items
        for item in items:
            reference = item.operation.case.reference
            self.fields[f"cents-{item.pk}"] = EurosField(
                label=f"Montant retenu pour {reference}", initial=item.granted_cents
            )
            self.fields[f"reason-{item.pk}"] = forms.CharField(
                label=f"Motif pour {reference}",
                max_length=LIMIT,
                required=False,
                initial=item.reason,
            )

    @property
    def rows(self) -> Iterator[tuple[Share, forms.BoundField, forms.BoundField]]:
        for item in self._items:
            yield item, self[f"cents-{item.pk}"], self[f"reason-{item.pk}"]

    @property
    def amounts(self) -> Mapping[int, int]:
        """What was changed, by item."""
        return {
            one.pk: self.cleaned_data[f"cents-{one.pk}"]
            for one in self._items
            if self.cleaned_data[f"cents-{one.pk}"] != one.granted_cents
        }

    @property
    def reasons(self) -> Mapping[int, str]:
        """The reasons that were written anew, by item."""
        return {
            one.pk: said
            for one in self._items
            if (said := self.cleaned_data[f"reason-{one.pk}"]) != one.reason
        }
