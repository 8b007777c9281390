"""What the screens of the desk can be reduced to."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef

from erbm.desk.queries.operations import ORDERS, RUNNING
from erbm.fields import DayField
from erbm.lists import Filters
from erbm.operations.models import Kind
from erbm.programme.models import Theme
from flows.stages import Stage
from workflow.cases import bound_processes
from workflow.models import Case, Jurisdiction


def _words() -> forms.CharField:
    hint = {"type": "search", "placeholder": "Référence, intitulé, commune…"}
    return forms.CharField(
        label="Rechercher une opération",
        max_length=100,
        widget=forms.TextInput(attrs=hint),
    )


def _one_of(label: str, choices: list[tuple[str, str]], every: str) -> Any:
    return forms.ChoiceField(label=label, choices=[("", every), *choices])


class Territorial(Filters):
    """Filters among which there is the territory."""

    jurisdiction = _one_of("Arrondissement", [], "Tous")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        used = Jurisdiction.objects.filter(
            Exists(Case.objects.filter(jurisdiction=OuterRef("pk")))
        )
        names = used.order_by("name").values_list("code", "name")
        self.fields["jurisdiction"].choices = [("", "Tous"), *names]  # type: ignore[attr-defined]


class InboxFilters(Territorial):
    """Which tasks of a box to show."""

    q = _words()
    stage = _one_of("Étape", Stage.choices, "Toutes")
    kind = _one_of("Nature", Kind.choices, "Toutes")

    field_order = ["q"]


class PipelineFilters(Territorial):
    """Which operations to count."""

    kind = _one_of("Nature", Kind.choices, "Toutes")
    since = DayField(label="Ouvertes depuis le")
    until = DayField(label="Ouvertes jusqu’au")


class OperationFilters(PipelineFilters):
    """Which operations to list, and in which order."""

    q = _words()
    stage = _one_of("Étape", [(RUNNING, "En cours"), *Stage.choices], "Toutes")
    state = _one_of("État", [], "Tous")
    version = forms.IntegerField(
        label="Version de la procédure", min_value=1, max_value=32_767
    )
    theme = _one_of("Thème", [], "Tous")
    sort = forms.ChoiceField(
        label="Trier par", choices=[(name, s.label) for name, s in ORDERS.items()]
    )

    field_order = ["q", "jurisdiction", "stage", "kind", "sort"]
    RARE = ("state", "version", "theme", "since", "until")
    SILENT = ("sort",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        themes = Theme.objects.order_by("rank", "label").values_list("code", "label")
        self.fields["theme"].choices = [("", "Tous"), *themes]  # type: ignore[attr-defined]
        self.fields["state"].choices = [("", "Tous"), *_states().items()]  # type: ignore[attr-defined]


def _states() -> dict[str, str]:
    """Name the states of all the versions that operations follow, the latest's way."""
    declared = [process for process in bound_processes() if process.name in Kind]
    return {str(v): str(label) for p in declared for v, label in p.states.choices}
