"""What the screens of the desk can be reduced to."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef

from erbm import words
from erbm.accounts.models import User
from erbm.cases import rooms
from erbm.desk.queries.dwellings import CHOICES as DWELLINGS
from erbm.desk.queries.dwellings import UNDATED
from erbm.desk.queries.operations import IDLE, ORDERS, RUNNING
from erbm.fields import DayField, EurosField
from erbm.lists import Filters
from erbm.operations.models import Kind
from erbm.programme.models import Theme
from erbm.territory.models import Epci
from flows.roles import Role
from flows.stages import Stage
from workflow.cases import bound_processes
from workflow.inbox import Sort
from workflow.journeys import registered_flows
from workflow.models import Case, Jurisdiction, Priority, Unit

EVERYBODY = "tous"


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
    """Filters among which there is the territory; `like` spares reading them anew."""

    jurisdiction = _one_of("Arrondissement", [], "Tous")

    def __init__(
        self, *args: Any, like: "Territorial | None" = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in self.territories.items():
            field: Any = self.fields[name]
            if like is not None:
                field.choices = like.fields[name].choices  # type: ignore[attr-defined]
            else:
                field.choices = [("", "Tous"), *choices()]

    @property
    def territories(self) -> dict[str, Callable[[], Iterable[tuple[str, str]]]]:
        """Return, for each field, how its choices are read."""
        return {"jurisdiction": _jurisdictions}


class Local(Territorial):
    """Filters among which there is the commune, typed by name or by INSEE code."""

    commune = forms.CharField(label="Commune", max_length=100)

    def in_words(self, name: str) -> str:
        if name == "commune":
            return f"Commune{words.FIXED}: {self.said[name]}"
        return super().in_words(name)


def _jurisdictions() -> Iterable[tuple[str, str]]:
    used = Exists(Case.objects.filter(jurisdiction=OuterRef("pk")))
    found = Jurisdiction.objects.filter(used).order_by("name")
    return found.values_list("code", "name")


def _epci() -> Iterable[tuple[str, str]]:
    found = Epci.objects.in_programme().order_by("short_name")
    return found.values_list("siren", "short_name")


def _procedures() -> list[tuple[str, str]]:
    """Name the procedures that have pages, which register after this is read."""
    return [("", "Toutes"), *rooms.labels().items()]


class InboxFilters(Local):
    """Which tasks of a box to show, and in which order."""

    q = _words()
    stage = _one_of("Étape", Stage.choices, "Toutes")
    kind = forms.ChoiceField(label="Nature", choices=_procedures)
    sort = forms.ChoiceField(
        label="Trier par",
        choices=[
            (Sort.DUE.value, "Échéance"),
            (Sort.WAITING.value, "Ancienneté"),
            (Sort.AMOUNT.value, "Montant"),
            (Sort.PRIORITY.value, "Priorité"),
            (Sort.STAGE.value, "Étape"),
            (Sort.KIND.value, "Nature"),
            (Sort.PLACE.value, "Arrondissement"),
        ],
    )
    due_from = DayField(label="Échéance à partir du")
    due_to = DayField(label="Échéance jusqu’au")
    waiting = _one_of(
        "Demandées",
        [
            ("7", "Il y a plus d’une semaine"),
            ("14", "Il y a plus de deux semaines"),
            ("30", "Il y a plus d’un mois"),
            ("90", "Il y a plus de trois mois"),
        ],
        "À toute date",
    )
    priority = _one_of(
        "Priorité", [(str(p.value), str(p.label)) for p in Priority], "Toutes"
    )
    amount_from = EurosField(label="Montant d’au moins")
    amount_to = EurosField(label="Montant d’au plus")
    epci = _one_of("EPCI", [], "Tous")

    field_order = ["q"]
    RARE = (
        "due_from",
        "due_to",
        "waiting",
        "priority",
        "amount_from",
        "amount_to",
        "epci",
        "commune",
    )
    SILENT = ("sort",)
    hidden_here: frozenset[str] = frozenset()

    @property
    def territories(self) -> dict[str, Callable[[], Iterable[tuple[str, str]]]]:
        return {**super().territories, "epci": _epci}

    def leave_out(self, names: Iterable[str]) -> None:
        """Ask no more for what has no meaning here."""
        self.hidden_here = frozenset(names)

    def usual(self) -> list[forms.BoundField]:
        return [one for one in super().usual() if one.name not in self.hidden_here]

    def rare(self) -> list[forms.BoundField]:
        return [one for one in super().rare() if one.name not in self.hidden_here]

    def in_words(self, name: str) -> str:
        if isinstance(asked := self.fields[name], EurosField):
            return f"{asked.label} {words.short_money(self.said[name])}"
        return super().in_words(name)

    def sorting(self) -> str:
        """Name the order in words."""
        asked = self.fields["sort"]
        chosen = self.said.get("sort") or Sort.DUE.value
        return str(dict(asked.choices)[chosen])  # type: ignore[attr-defined]


class PipelineFilters(Territorial):
    """Which operations to count."""

    kind = _one_of("Nature", Kind.choices, "Toutes")
    since = DayField(label="Ouvertes depuis le")
    until = DayField(label="Ouvertes jusqu’au")


class RightsFilters(Filters):
    """Whose rights to show."""

    role = _one_of("Fonction", [(EVERYBODY, "Toutes"), *Role.choices], "Les miennes")


class MapFilters(Territorial):
    """Which waits of a procedure to measure."""

    since = DayField(label="Réponses données depuis le")
    until = DayField(label="Réponses données jusqu’au")


class OperationFilters(Local, PipelineFilters):
    """Which operations to list, and in which order."""

    q = _words()
    stage = _one_of("Étape", [(RUNNING, "En cours"), *Stage.choices], "Toutes")
    state = _one_of("État", [], "Tous")
    step = _one_of("Demande en cours", [], "Toutes")
    late = _one_of("Échéance", [("1", "En retard seulement")], "Toutes")
    version = forms.IntegerField(
        label="Version de la procédure", min_value=1, max_value=32_767
    )
    theme = _one_of("Thème", [], "Tous")
    idle = _one_of(
        "Sans changement",
        [(str(days), f"Depuis plus de {days} jours") for days in IDLE],
        "Peu importe",
    )
    unit = forms.SlugField(label="Attendue du service (code)", max_length=80)
    dwellings = _one_of("Logements", DWELLINGS, "Peu importe")
    ends_in = forms.RegexField(
        rf"^(2\d{{3}}|{UNDATED})$",
        label="Travaux à finir en (année)",
        max_length=10,
    )
    sort = forms.ChoiceField(
        label="Trier par",
        choices=[
            ("", "Pertinence ou date"),
            *((name, sorting.label) for name, sorting in ORDERS.items()),
        ],
    )

    field_order = ["q", "jurisdiction", "stage", "kind", "sort"]
    RARE = (
        "commune",
        "state",
        "step",
        "late",
        "unit",
        "idle",
        "dwellings",
        "ends_in",
        "version",
        "theme",
        "since",
        "until",
    )
    SILENT = ("sort",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        themes = Theme.objects.order_by("rank", "label").values_list("code", "label")
        self.fields["theme"].choices = [("", "Tous"), *themes]  # type: ignore[attr-defined]
        self.fields["state"].choices = [("", "Tous"), *_states().items()]  # type: ignore[attr-defined]
        self.fields["step"].choices = [("", "Toutes"), *_steps().items()]  # type: ignore[attr-defined]

    def in_words(self, name: str) -> str:
        if name == "unit":
            known = Unit.objects.filter(code=self.said[name]).first()
            return f"Attendue{words.FIXED}: {known or self.said[name]}"
        if name == "ends_in":
            year = self.said[name]
            when = "sans date de fin" if year == UNDATED else f"en {year}"
            return f"Travaux à finir {when}"
        return super().in_words(name)


def _steps() -> dict[str, str]:
    """Name the steps of all the versions that operations follow, the latest's way."""
    flows = [flow for flow in registered_flows() if flow.process.name in Kind]
    return {step.name: step.task_title for flow in flows for step in flow.steps()}


def _states() -> dict[str, str]:
    """Name the states of all the versions that operations follow, the latest's way."""
    declared = [process for process in bound_processes() if process.name in Kind]
    return {str(v): str(label) for p in declared for v, label in p.states.choices}


class PriorityForm(forms.Form):
    """How pressing a task or an operation is."""

    priority = forms.TypedChoiceField(
        label="Priorité",
        choices=Priority.choices,
        coerce=int,
        widget=forms.RadioSelect,
    )


class PutOffForm(forms.Form):
    """Until when a task stays out of one's own."""

    until = DayField(
        label="La revoir le",
        help_text="Elle quitte vos tâches jusqu’à ce jour, et garde son échéance.",
    )


class NewViewForm(forms.Form):
    """The name under which a question is kept."""

    name = forms.CharField(
        label="Nom de la vue",
        max_length=60,
        help_text="Par exemple «\N{NO-BREAK SPACE}Lens, en retard\N{NO-BREAK SPACE}».",
    )


class ViewForm(forms.Form):
    """What a saved view is called, and who finds it."""

    name = forms.CharField(label="Nom", max_length=60)
    unit = forms.ChoiceField(label="Partagée avec", required=False)

    def __init__(
        self, *args: Any, units: Sequence[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = [("", "Personne"), *units]  # type: ignore[attr-defined]

    @property
    def unit_id(self) -> int | None:
        chosen = self.cleaned_data["unit"]
        return int(chosen) if chosen else None


# People


class Reasoned(forms.Form):
    """A form that shows reasons beside the fields that they are about."""

    def explain(self, reasons: Iterable[tuple[str, str]]) -> None:
        for field, message in reasons:
            self.add_error(
                field if field in self.fields else None, words.typeset(message)
            )


class AbsenceForm(Reasoned):
    """Who acts for somebody who is away, from which day to which."""

    principal = forms.ModelChoiceField(
        User.objects.none(), label="Personne absente", required=False
    )
    substitute = forms.ModelChoiceField(
        User.objects.none(),
        label="Suppléant",
        required=False,
        empty_label="Une autre personne",
    )
    email = forms.EmailField(
        label="Adresse électronique d’une autre personne",
        required=False,
        help_text="Si le suppléant n’est pas dans la liste.",
    )
    first_day = DayField(label="Premier jour d’absence")
    last_day = DayField(label="Dernier jour d’absence", help_text="Ce jour compris.")
    processes = forms.MultipleChoiceField(
        label="Procédures",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Aucune de cochée\N{NO-BREAK SPACE}: toutes.",
    )
    reason = forms.CharField(label="Motif", max_length=200, required=False)

    def __init__(
        self, *args: Any, people: Any, absent: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        titles = {process.name: process.title for process in bound_processes()}
        self.fields["processes"].choices = list(titles.items())  # type: ignore[attr-defined]
        self.fields["substitute"].queryset = people  # type: ignore[attr-defined]
        if absent is None:
            del self.fields["principal"]
        else:
            self.fields["principal"].queryset = absent  # type: ignore[attr-defined]
            self.fields["principal"].required = True

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if "email" not in said or "substitute" not in said:
            return said
        if email := said["email"]:
            said["substitute"] = User.objects.filter(email__iexact=email).first()
        if said["substitute"] is None:
            named = "Personne n’a cette adresse." if email else "Choisissez quelqu’un."
            raise ValidationError({"email" if email else "substitute": named})
        return said


class AssignForm(Reasoned):
    """Who takes charge of a task."""

    to = forms.ModelChoiceField(
        User.objects.none(), label="Collègue", empty_label="Choisir"
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people  # type: ignore[attr-defined]


class DelegateForm(Reasoned):
    """Who prepares the answer to a task, and what is asked of them."""

    person = forms.ModelChoiceField(
        User.objects.none(), label="Collègue", required=False, empty_label="Personne"
    )
    unit = forms.ModelChoiceField(
        Unit.objects.none(), label="Ou une unité", required=False, empty_label="Aucune"
    )
    instructions = forms.CharField(
        label="Consigne",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Elle entre au journal de l’opération.",
    )
    due_on = DayField(label="Attendue le", required=False)

    def __init__(self, *args: Any, people: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if bool(said.get("person")) == bool(said.get("unit")):
            raise ValidationError("Choisissez une personne ou une unité.")
        return said


class AnswerForm(Reasoned):
    """What was prepared."""

    answer = forms.CharField(
        label="Réponse",
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Elle entre au journal de l’opération.",
    )


class ClosureForm(forms.Form):
    """When a unit does not work, and why."""

    first_on = DayField(label="Premier jour de fermeture")
    last_on = DayField(label="Dernier jour de fermeture")
    label = forms.CharField(
        label="Motif",
        max_length=100,
        help_text="Par exemple\N{NO-BREAK SPACE}: pont de l’Ascension.",
    )
