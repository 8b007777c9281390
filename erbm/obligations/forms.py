"""The shape of what people type about conditions; the engine has the last word."""

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

from django import forms

from erbm.fields import DayField
from erbm.forms import Keyed
from erbm.lists import Filters
from erbm.obligations.models import Obligation, Origin
from erbm.obligations.openings import Accepted
from erbm.obligations.queries import OVERDUE, RUNNING
from erbm.operations.forms import FileForm
from erbm.operations.models import Condition
from flows.hearings import LONGEST_CONDITION
from flows.obligation import lifecycle
from flows.obligation.lifecycle import State
from workflow.journeys import flow_of
from workflow.models import Jurisdiction, Unit

SPARE_ROWS = 4


class AcceptForm(Keyed):
    """Which conditions are accepted: those that services asked for, and others."""

    origin = forms.ChoiceField(label="Retenues par", choices=Origin.choices)
    decision = forms.CharField(
        label="Décision",
        help_text="La séance ou l’acte où elles sont retenues.",
        max_length=300,
    )

    def __init__(
        self,
        *args: Any,
        demanded: Sequence[Condition],
        on: datetime.date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.demanded, self.on = demanded, on
        for one in demanded:
            self.fields[f"take_{one.pk}"] = forms.BooleanField(
                label=f"{one.wording} ({one.opinion.unit.short_name})", required=False
            )
            self.fields[f"due_{one.pk}"] = DayField(
                label="À remplir avant le", required=False, initial=one.due_on
            )
        for row in range(1, SPARE_ROWS + 1):
            self.fields[f"wording_{row}"] = forms.CharField(
                label=f"Autre condition {row}",
                required=False,
                max_length=LONGEST_CONDITION,
            )
            self.fields[f"due_on_{row}"] = DayField(
                label="À remplir avant le", required=False
            )

    @property
    def of_services(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The conditions of the opinions, each with its day."""
        return [
            (self[f"take_{one.pk}"], self[f"due_{one.pk}"]) for one in self.demanded
        ]

    @property
    def others(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        rows = range(1, SPARE_ROWS + 1)
        return [(self[f"wording_{row}"], self[f"due_on_{row}"]) for row in rows]

    @property
    def decided(self) -> list[forms.BoundField]:
        return [self["origin"], self["decision"]]

    def clean(self) -> dict[str, Any]:
        self.accepted = [*self._taken(), *self._added()]
        if not self.accepted and not self.errors:
            raise forms.ValidationError("Cochez ou écrivez une condition au moins.")
        return self.cleaned_data

    def _taken(self) -> Iterator[Accepted]:
        for one in self.demanded:
            if not self.cleaned_data.get(f"take_{one.pk}"):
                continue
            if due_on := self._day(f"due_{one.pk}"):
                yield Accepted(one.wording, due_on, condition=one.pk)

    def _added(self) -> Iterator[Accepted]:
        for row in range(1, SPARE_ROWS + 1):
            text = self.cleaned_data.get(f"wording_{row}", "")
            if not text:
                if self.cleaned_data.get(f"due_on_{row}"):
                    self.add_error(f"wording_{row}", "Dites ce qui est dû ce jour-là.")
            elif due_on := self._day(f"due_on_{row}"):
                yield Accepted(text, due_on)

    def _day(self, name: str) -> datetime.date | None:
        day: datetime.date | None = self.cleaned_data.get(name)
        if day is None and name not in self.errors:
            self.add_error(name, "Dites pour quel jour.")
        elif day and day <= self.on:
            self.add_error(name, "Cette échéance est passée.")
        return day


class ProofForm(FileForm):
    """A proof to join."""

    title = forms.CharField(label="Titre", max_length=200)
    field_order = ["title", "file"]


STATES = [
    (OVERDUE, "En retard"),
    (RUNNING, "À tenir ou à vérifier"),
    *((state.value, str(state.label)) for state in State),
]


class ObligationFilters(Filters):
    """Which conditions to list."""

    q = forms.CharField(
        label="Rechercher une condition",
        max_length=100,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": "Mots, référence, opération…"}
        ),
    )
    state = forms.ChoiceField(label="État", choices=[("", "Tous"), *STATES])
    jurisdiction = forms.ChoiceField(label="Arrondissement")
    debtor = forms.TypedChoiceField(label="Due par", coerce=int)
    origin = forms.ChoiceField(
        label="Retenue par", choices=[("", "Toutes"), *Origin.choices]
    )
    due_from = DayField(label="Échéance à partir du")
    due_to = DayField(label="Échéance jusqu’au")
    step = forms.ChoiceField(label="Demande en cours")
    late = forms.ChoiceField(
        label="Demande", choices=[("", "Toutes"), ("1", "En retard seulement")]
    )
    RARE = ("origin", "due_from", "due_to", "step", "late")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cases = Obligation.objects.values("case__jurisdiction")
        places = Jurisdiction.objects.filter(pk__in=cases).order_by("name")
        debtors = Unit.objects.filter(pk__in=Obligation.objects.values("debtor"))
        flow = flow_of(lifecycle.PROCESS.name, lifecycle.PROCESS.version)
        self._offer("jurisdiction", places.values_list("code", "name"))
        self._offer("debtor", debtors.order_by("name").values_list("pk", "name"))
        self._offer("step", [(step.name, step.task_title) for step in flow.steps()])

    def _offer(self, name: str, choices: Any) -> None:
        self.fields[name].choices = [("", "Tous"), *choices]  # type: ignore[attr-defined]
