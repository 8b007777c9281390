"""The shape of what people type about sittings; the commands have the last word."""

from collections.abc import Sequence
from typing import Any

from django import forms

from erbm.committees.commands import RulesChange, SeatSaid
from erbm.committees.deciding import Said
from erbm.committees.decisions import BodyKind
from erbm.committees.models import AgendaItem, Body, BodyVersion
from erbm.committees.models.bodies import RULE_GROUPS, RULES, SEAT_ROLES
from erbm.fields import DayField
from erbm.forms import Keyed, Seen, new_key
from erbm.lists import Filters
from erbm.operations.models import Condition
from flows.hearings import Demand
from flows.sitting.lifecycle import State
from workflow import inputs
from workflow.models import Jurisdiction, Unit

MOST_VOTES = 500
VOTES = ("votes_for", "votes_against", "abstentions")

FUTURE, PAST = "a-venir", "passees"


class SittingFilters(Filters):
    """Which sittings to list."""

    body = forms.ChoiceField(label="Instance")
    when = forms.ChoiceField(
        label="Période",
        choices=[("", "Toutes"), (FUTURE, "À venir"), (PAST, "Passées")],
    )
    state = forms.ChoiceField(label="État", choices=[("", "Tous"), *State.choices])
    step = forms.CharField(label="Demande en cours", max_length=60)
    late = forms.ChoiceField(
        label="Échéance", choices=[("", "Toutes"), ("1", "En retard seulement")]
    )
    since = DayField(label="Du")
    until = DayField(label="Au")
    jurisdiction = forms.ChoiceField(label="Opérations de")
    RARE = ("state", "step", "late", "since", "until", "jurisdiction")

    def __init__(self, *args: Any, bodies: list[Body], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "Toutes"), *((body.code, body.name) for body in bodies)]
        self.fields["body"].choices = choices  # type: ignore[attr-defined]
        examined = Jurisdiction.objects.filter(bodies__in=bodies).distinct()
        places = examined.order_by("name").values_list("code", "name")
        self.fields["jurisdiction"].choices = [("", "Partout"), *places]  # type: ignore[attr-defined]


class YearForm(Keyed):
    """The year whose sittings are planned."""

    year = forms.IntegerField(label="Année", min_value=2017, max_value=2199)


class SittingForm(Keyed):
    """A sitting beside those of the rule."""

    held_on = DayField(label="Date de la séance")
    place = forms.CharField(label="Lieu", max_length=300, required=False)


class DateForm(Seen):
    """When and where a sitting takes place."""

    held_on = DayField(label="Date de la séance")
    starts_at = forms.TimeField(
        label="Heure", widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )
    place = forms.CharField(label="Lieu", max_length=300, required=False)


class DecisionForm(Keyed):
    """What a body decides of one item; the button that sends it says which way."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    taken = forms.MultipleChoiceField(
        label="Conditions demandées par les services, à retenir",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    conditions = forms.CharField(
        label="Conditions",
        help_text="D’une décision favorable : une par ligne, son échéance, "
        "deux-points, ce qui est demandé (31/12/2027 : transmettre le plan). "
        "Chacune est suivie dès la clôture.",
        required=False,
        max_length=inputs.TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    reason = forms.CharField(
        label="Motif",
        help_text="Requis, sauf pour une décision favorable.",
        required=False,
        max_length=inputs.TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    planned_on = DayField(
        label="Séance suivante", help_text="Pour un ajournement.", required=False
    )
    position_for = forms.CharField(
        label="Position favorable",
        help_text="Pour un renvoi en arbitrage.",
        required=False,
        max_length=inputs.TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    position_against = forms.CharField(
        label="Position défavorable",
        help_text="Pour un renvoi en arbitrage.",
        required=False,
        max_length=inputs.TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    votes_for = forms.IntegerField(
        label="Pour",
        help_text="Laissez vides si les membres sont unanimes.",
        required=False,
        min_value=0,
        max_value=MOST_VOTES,
    )
    votes_against = forms.IntegerField(
        label="Contre", required=False, min_value=0, max_value=MOST_VOTES
    )
    abstentions = forms.IntegerField(
        label="Abstentions", required=False, min_value=0, max_value=MOST_VOTES
    )

    def __init__(
        self,
        *args: Any,
        body: Body,
        votes: bool,
        demanded: Sequence[Condition],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.body, self.votes, self.demanded = body, votes, demanded
        self._offer_what_services_asked()
        if not votes:
            for name in VOTES:
                del self.fields[name]
        if body.kind != BodyKind.COMMITTEE:
            for name in ("planned_on", "position_for", "position_against"):
                del self.fields[name]

    def _offer_what_services_asked(self) -> None:
        """Offer as many boxes as they have conditions, but for those written below."""
        if self.body.kind == BodyKind.FINANCERS:
            self.fields["conditions"].help_text = ""
        written = "" if self.is_bound else self.initial.get("conditions", "")
        choices = [
            (str(Demand(one.due_on, one.wording)), _asked_by(one))
            for one in self.demanded
            if one.wording not in written
        ]
        self.fields["taken"].choices = choices  # type: ignore[attr-defined]
        if not choices or self.body.kind == BodyKind.FINANCERS:
            del self.fields["taken"]

    @property
    def retained(self) -> str:
        """Every condition: those typed, and those of the services that were chosen."""
        typed = self.cleaned_data["conditions"]
        taken = [one for one in self.cleaned_data.get("taken", ()) if one not in typed]
        return "\n".join(filter(None, [typed, *taken]))

    def said(self, item_id: int) -> Said:
        """Return what was typed, for the command."""
        values = self.cleaned_data
        votes = [values.get(name) for name in VOTES]
        counted = any(vote is not None for vote in votes)
        return Said(
            item_id=item_id,
            seen=values["seen"],
            decision=str(self.data.get("decision", "")),
            reason=values["reason"],
            conditions=self.retained,
            planned_on=values.get("planned_on"),
            position_for=values.get("position_for", ""),
            position_against=values.get("position_against", ""),
            votes=(votes[0] or 0, votes[1] or 0, votes[2] or 0) if counted else None,
        )

    def again(self, item: AgendaItem) -> "DecisionForm":
        """Return the same form, with what was typed, on the item as it now stands."""
        typed = {name: self.data.get(name, "") for name in self.fields}
        fresh = {
            "seen": item.version,
            "key": new_key(),
            "conditions": self.retained,
        }
        return DecisionForm(
            initial=typed | fresh,
            body=self.body,
            votes=self.votes,
            demanded=self.demanded,
        )


def _asked_by(one: Condition) -> str:
    return f"{Demand(one.due_on, one.wording)} ({one.opinion.unit.short_name})"


# The rules of a body


class SeatForm(forms.Form):
    """What a unit is in a body; a row left blank is no seat."""

    unit = forms.TypedChoiceField(label="Unité", coerce=int)
    role = forms.ChoiceField(label="Rôle", choices=[("", "–"), *SEAT_ROLES])
    has_vote = forms.BooleanField(label="Voix délibérative", required=False)

    def __init__(self, *args: Any, units: list[tuple[Any, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = units  # type: ignore[attr-defined]


class RulesForm(forms.ModelForm):  # type: ignore[type-arg]
    """The rules of a body, and the text that changes them."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    class Meta:
        model = BodyVersion
        fields = RULES
        widgets = {"starts_at": forms.TimeInput(format="%H:%M", attrs={"type": "time"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].required = True
        self.fields["source"].label = "Texte ou décision d’où vient ce changement"

    @property
    def grouped(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields, as the page of the rules groups them."""
        return [
            (title, [self[name] for name in names])
            for title, names in RULE_GROUPS.items()
        ]

    def change(self, seats: "forms.BaseFormSet[SeatForm]") -> RulesChange:
        """Return what was typed, for the command."""
        return RulesChange(
            values={name: self.cleaned_data[name] for name in RULES},
            seats=[
                SeatSaid(one["unit"], one["role"], has_vote=one["has_vote"])
                for one in (form.cleaned_data for form in seats.forms)
                if one.get("unit") and not one.get("DELETE")
            ],
        )


SPARE_SEATS, MOST_SEATS = 2, 60
SeatForms = forms.formset_factory(
    SeatForm, extra=SPARE_SEATS, can_delete=True, max_num=MOST_SEATS, validate_max=True
)


def seat_forms(data: Any, body: Body) -> "forms.BaseFormSet[SeatForm]":
    """Return the seats of a body, each to keep, change or take away, and some more."""
    seats = [
        {"unit": seat.unit_id, "role": seat.role, "has_vote": seat.has_vote}
        for seat in body.seats.all()
    ]
    active = Unit.objects.filter(is_active=True).order_by("name")
    units = [("", "–"), *active.values_list("pk", "name")]
    found = SeatForms(data, initial=seats, prefix="seats", form_kwargs={"units": units})
    for one in found.forms:
        one.fields["DELETE"].label = "Retirer ce siège"
    return found
