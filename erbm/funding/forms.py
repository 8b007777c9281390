"""The shape of a financing plan, and of what funders say of its lines."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.text import capfirst

from erbm.fields import DayField, EurosField
from erbm.forms import Keyed, Seen
from erbm.funding.commands import Planned
from erbm.funding.models import Line, Scheme
from erbm.funding.payers import not_its_scheme
from erbm.organisations.models import Category
from workflow.models import Unit

MOST_LINES = 20
SPARE_LINES = 3
# Everyone funds, except those who only ever own operations.
OWNERS = (Category.COMMUNE, Category.LANDLORD)


class LineForm(forms.Form):
    """One line of a plan; a line left blank is not there."""

    scheme = forms.ChoiceField(
        label="Dispositif", choices=[("", "Choisir"), *Scheme.choices]
    )
    # Not asked of the owner's own money: neither optional nor always required.
    funder = forms.TypedChoiceField(  # type: ignore[call-arg]  # template_name, 5.0
        label="Financeur",
        required=False,
        coerce=int,
        empty_value=None,
        template_name="funding/funder.html",
    )
    amount_cents = EurosField(label="Montant")

    def __init__(self, *args: Any, funders: dict[int, Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._funders = funders
        choices = [("", "Le porteur"), *_by_category(funders)]
        self.fields["funder"].choices = choices  # type: ignore[attr-defined]

    def clean_amount_cents(self) -> int:
        amount: int = self.cleaned_data["amount_cents"]
        if not amount:
            raise forms.ValidationError("Une ligne ne peut pas être nulle.")
        return amount

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        scheme = Scheme(said["scheme"]) if said.get("scheme") else None
        if scheme is Scheme.OWN:
            said["funder"] = None
        elif scheme and said.get("funder") is None:
            self.add_error("funder", "Choisissez qui finance.")
        elif scheme and (why := not_its_scheme(self._funders[said["funder"]], scheme)):
            self.add_error("funder", why)
        return said

    @property
    def planned(self) -> Planned:
        said = self.cleaned_data
        funder = self._funders[said["funder"]] if said["funder"] else None
        return Planned(Scheme(said["scheme"]), said["amount_cents"], funder)


class PlanLines(forms.BaseFormSet):  # type: ignore[type-arg]
    """The lines of a plan, with a few blank ones."""

    @property
    def planned(self) -> list[Planned]:
        """The lines that are there and hold, in order."""
        return [
            form.planned
            for form in self.forms
            if form.is_valid() and form.cleaned_data and not _is_gone(form)
        ]

    def typed(self) -> Iterator[tuple[str, str]]:
        for number, form in enumerate(self.forms, start=1):
            said = [form[name].data or "" for name in ("scheme", "amount_cents")]
            if any(said):
                scheme = dict(Scheme.choices).get(said[0], said[0])
                yield f"Ligne {number}", f"{scheme} {said[1]}".strip()


def _is_gone(form: forms.Form) -> bool:
    return bool(form.cleaned_data.get("DELETE"))


PlanFormSet = forms.formset_factory(
    LineForm,
    formset=PlanLines,
    extra=SPARE_LINES,
    max_num=MOST_LINES,
    absolute_max=MOST_LINES,
    validate_max=True,
    can_delete=True,
    can_delete_extra=False,
)


class PlanForm(Seen):
    """A plan drawn up for a version of the operation."""

    def __init__(
        self,
        data: QueryDict | None,
        *,
        typed: QueryDict | None,
        plan: Sequence[Line],
        initial: dict[str, Any],
    ) -> None:
        """Take `typed` as the lines, even when the rest of a form came too late."""
        super().__init__(data, initial=initial)
        self.lines: Any = PlanFormSet(
            typed,
            initial=_as_typed(plan),
            prefix=LINES,
            form_kwargs={"funders": funders()},
        )

    def is_valid(self) -> bool:
        # Both say what is wrong, whichever comes first.
        return all([super().is_valid(), self.lines.is_valid()])

    @property
    def planned(self) -> list[Planned]:
        planned: list[Planned] = self.lines.planned
        return planned

    def typed(self) -> Iterator[tuple[str, str]]:
        yield from self.lines.typed()


LINES = "lines"


def with_more_lines(typed: QueryDict) -> QueryDict:
    """Return what was typed, with a few blank lines more."""
    more = typed.copy()
    total = typed.get(f"{LINES}-TOTAL_FORMS", "")
    if total.isascii() and total.isdecimal() and len(total) < 3:
        more[f"{LINES}-TOTAL_FORMS"] = str(min(int(total) + SPARE_LINES, MOST_LINES))
    return more


def funders() -> dict[int, Unit]:
    """Return the units that may pay, by id and in the order of their names."""
    units = Unit.objects.filter(is_active=True, organisation__isnull=False)
    units = units.exclude(organisation__category__in=OWNERS)
    units = units.select_related("organisation")
    return {unit.pk: unit for unit in units.order_by("short_name")}


def _by_category(funders: dict[int, Unit]) -> list[tuple[str, list[tuple[int, str]]]]:
    """Group the choices by kind of body, as the schemes distinguish them."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for pk, unit in funders.items():
        name = capfirst(unit.organisation.get_category_display())
        groups.setdefault(name, []).append((pk, unit.short_name))
    return sorted(groups.items())


def _as_typed(lines: Iterable[Line]) -> list[dict[str, Any]]:
    """Return the initial values of the lines of a plan."""
    return [
        {
            "scheme": line.scheme,
            "funder": line.funder_id,
            "amount_cents": line.amount_cents,
        }
        for line in lines
    ]


class NotificationForm(Keyed):
    """The award of a line, as its funder notified it."""

    notified_on = DayField(label="Notifiée le")
    notification = forms.CharField(label="Référence de l’acte", max_length=100)


class SettlementForm(Keyed):
    """The payment of the balance of a line."""

    settled_on = DayField(label="Soldée le")
