"""The shape of what people type about operations; the engine has the last word."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from erbm.cases.forms import ReasonForm
from erbm.cases.sayings import NO_CHOICE
from erbm.fields import DayField, EurosField
from erbm.forms import Keyed, Seen
from erbm.operations import pictures, search, uploads
from erbm.operations.models import (
    DocumentKind,
    EnergyLabel,
    Kind,
    Operation,
    RequestedDocument,
)
from erbm.programme.models import Theme
from erbm.territory.models import Cite, Commune
from workflow import inputs
from workflow.models import Unit

COMMUNES = ("Commune", "Deuxième commune", "Troisième commune", "Quatrième commune")


# Facts


class FactsForm(Keyed):
    """What both kinds of operation have: title, cost, theme, description."""

    title = forms.CharField(label="Intitulé", max_length=300)
    cost_cents = EurosField(label="Coût prévu", help_text="En euros.")
    theme = forms.ModelChoiceField(
        label="Thème", queryset=Theme.objects.none(), empty_label=NO_CHOICE
    )
    description = forms.CharField(
        label="Description",
        required=False,
        max_length=inputs.TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    figures_note = forms.CharField(
        label="Origine des chiffres",
        help_text="D’où viennent le coût et les quantités : étude, devis, estimation.",
        required=False,
        max_length=300,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        themes = Theme.objects.order_by("rank", "label")
        self.fields["theme"].queryset = themes  # type: ignore[attr-defined]

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of the operation, as typed."""
        apart = {"key", "seen", "title", "cost_cents", *self.apart}
        return {n: v for n, v in self.cleaned_data.items() if n not in apart}

    apart: ClassVar[frozenset[str]] = frozenset()


LABELS = [("", NO_CHOICE), *EnergyLabel.choices]


class DwellingsForm(FactsForm):
    """What the rehabilitation of a cité adds."""

    field_order = [
        "title",
        "cost_cents",
        "theme",
        "description",
        "dwellings_before",
        "dwellings_after",
        "label_before",
        "label_target",
        "is_protected",
    ]

    dwellings_before = forms.IntegerField(
        label="Logements avant travaux", min_value=1, max_value=inputs.LARGEST_COUNT
    )
    dwellings_after = forms.IntegerField(
        label="Logements après travaux", min_value=1, max_value=inputs.LARGEST_COUNT
    )
    label_before = forms.ChoiceField(
        label="Étiquette énergie avant travaux", choices=LABELS
    )
    label_target = forms.ChoiceField(label="Étiquette énergie visée", choices=LABELS)
    is_protected = forms.BooleanField(
        label="L’opération est en secteur protégé",
        help_text="Abords d’un monument historique, site patrimonial remarquable "
        "ou bien inscrit : l’UDAP sera consultée.",
        required=False,
    )


class EditFacts(Seen, FactsForm):
    """The facts of a subsidised project that exists."""


class EditDwellings(Seen, DwellingsForm):
    """The facts of a rehabilitation that exists."""


def edit_form_of(operation: Operation) -> type[EditFacts | EditDwellings]:
    if operation.kind == Kind.REHABILITATION:
        return EditDwellings
    return EditFacts


# New operations


class OwnerField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """The unit that a person opens an operation for; not asked if there is but one."""

    def __init__(self, owners: Sequence[Unit]) -> None:
        ids = [owner.pk for owner in owners]
        super().__init__(
            label="Porteur",
            queryset=Unit.objects.filter(pk__in=ids).order_by("name"),
            empty_label=NO_CHOICE,
        )
        if len(owners) == 1:
            self.initial = owners[0].pk
            self.widget = self.hidden_widget()


class NewSubsidy(FactsForm):
    """A subsidised project to be opened."""

    apart: ClassVar[frozenset[str]] = frozenset({"owner", "communes"})

    def __init__(self, *args: Any, owners: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"] = OwnerField(owners)
        communes = Commune.objects.in_programme().select_related(
            "arrondissement__jurisdiction", "epci__committee__jurisdiction"
        )
        self.communes = CommuneNames(communes.order_by("name"))
        for number in range(len(COMMUNES)):
            self.fields[f"commune_{number}"] = self._commune_field(number)
        self.order_fields(["owner", *self._commune_names, "title"])

    _commune_names: ClassVar[list[str]] = [f"commune_{n}" for n in range(len(COMMUNES))]

    def _commune_field(self, number: int) -> forms.Field:
        return forms.CharField(
            label=COMMUNES[number],
            help_text="Tapez les premières lettres." if number == 0 else "",
            required=number == 0,
            max_length=120,
            widget=forms.TextInput(attrs={"list": "communes", "autocomplete": "off"}),
        )

    def clean(self) -> dict[str, Any]:
        found: list[Commune] = []
        for name in self._commune_names:
            typed = self.cleaned_data.pop(name, "")
            if not typed:
                continue
            try:
                found.append(self.communes.find(typed))
            except ValidationError as unknown:
                self.add_error(name, unknown)
        self.cleaned_data["communes"] = list(dict.fromkeys(found))
        return self.cleaned_data


class CommuneNames:
    """The communes by what people type: a name, a name with its code, a code."""

    def __init__(self, communes: Iterable[Commune]) -> None:
        self._communes = list(communes)

    @property
    def offered(self) -> list[str]:
        return [self.name(commune) for commune in self._communes]

    @staticmethod
    def name(commune: Commune) -> str:
        return f"{commune.name} ({commune.code})"

    def find(self, typed: str) -> Commune:
        """
        Return the commune that was meant.

        :raises ValidationError: if there is none, or several
        """
        folded = search.fold(typed)
        found = [
            commune
            for commune in self._communes
            if folded
            in {
                search.fold(commune.name),
                search.fold(self.name(commune)),
                commune.code.lower(),
            }
        ]
        if len(found) == 1:
            return found[0]
        if found:
            several = ", ".join(map(self.name, found))
            raise ValidationError(f"Plusieurs communes portent ce nom : {several}.")
        raise ValidationError("Cette commune n’est pas dans le périmètre du programme.")


class NewRehabilitation(DwellingsForm):
    """The rehabilitation of a cité to be opened; its title may be left to us."""

    apart: ClassVar[frozenset[str]] = frozenset({"owner", "cite"})

    cite = forms.ModelChoiceField(
        label="Cité", queryset=Cite.objects.none(), empty_label=NO_CHOICE
    )

    def __init__(self, *args: Any, owners: Sequence[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cites = Cite.objects.order_by("name").prefetch_related(
            "communes__arrondissement__jurisdiction",
            "communes__epci__committee__jurisdiction",
        )
        self.fields["cite"].queryset = cites  # type: ignore[attr-defined]
        self.fields["owner"] = OwnerField(owners)
        self.fields["title"].required = False
        self.fields[
            "title"
        ].help_text = "Laissé vide : « Réhabilitation » suivie du nom de la cité."
        self.order_fields(["owner", "cite", "title"])

    def clean(self) -> dict[str, Any]:
        cite = self.cleaned_data.get("cite")
        if cite and not self.cleaned_data.get("title"):
            name = f"{cite.name[:1].lower()}{cite.name[1:]}"
            self.cleaned_data["title"] = f"Réhabilitation de la {name}"
        return self.cleaned_data


# Documents and the rest


class FileForm(Keyed):
    """A file to join, if it is of a format that we accept."""

    file = forms.FileField(
        label="Fichier",
        max_length=uploads.LONGEST_NAME,
        help_text=f"{uploads.LARGEST // 1024**2} Mo au plus ; "
        f"{', '.join(uploads.FORMATS)}.",
        widget=forms.FileInput(attrs={"accept": uploads.ACCEPTED}),
        error_messages={
            "required": "Choisissez un fichier de "
            f"{uploads.LARGEST // 1024**2} Mo au plus.",
        },
    )

    def clean_file(self) -> "UploadedFile[Any] | None":
        file: UploadedFile[Any] | None = self.cleaned_data["file"]
        if file is None:
            return None
        try:
            self.content_type = uploads.content_type_of(file)
        except uploads.Unacceptable as refused:
            raise ValidationError(str(refused)) from None
        return file

    def bare(self, file: "UploadedFile[Any]") -> "UploadedFile[Any]":
        """Return a photograph without what its camera says of it; the rest as it is."""
        if self.content_type not in pictures.FORMATS:
            return file
        try:
            return pictures.bare(file, self.content_type)
        except pictures.Unreadable as refused:
            raise ValidationError(str(refused)) from None


class DocumentForm(FileForm):
    """A file to join to an operation: what it is, and what it answers."""

    kind = forms.ChoiceField(
        label="Nature", choices=[("", NO_CHOICE), *DocumentKind.choices]
    )
    title = forms.CharField(
        label="Titre",
        help_text="Laissé vide : sa nature.",
        required=False,
        max_length=200,
    )
    answers = forms.TypedChoiceField(
        label="Répond à la demande", required=False, coerce=int, empty_value=None
    )
    field_order = ["kind", "title", "answers", "file"]

    def __init__(
        self, *args: Any, requests: Sequence[RequestedDocument], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not requests:
            del self.fields["answers"]
            return
        asked = [(request.pk, request.label) for request in requests]
        answers = self.fields["answers"]
        answers.choices = [("", "Aucune"), *asked]  # type: ignore[attr-defined]

    def clean_title(self) -> str:
        title: str = self.cleaned_data["title"]
        labels = dict(DocumentKind.choices)
        return title or str(labels.get(self.cleaned_data.get("kind", ""), ""))

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if said.get("kind") == DocumentKind.PHOTO and said.get("file"):
            try:
                said["file"] = self.bare(said["file"])
            except ValidationError as wrong:
                self.add_error("file", wrong)
        return said


class DismissForm(Seen, ReasonForm):
    """Why the opinion of a service is awaited no more."""


class InviteForm(DismissForm):
    """Whose opinion is asked, and why."""

    unit = forms.ModelChoiceField(
        label="Service à consulter", queryset=Unit.objects.none(), empty_label=NO_CHOICE
    )
    field_order = ["unit", "reason"]

    def __init__(self, *args: Any, units: Iterable[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = [unit.pk for unit in units]
        found = Unit.objects.filter(pk__in=ids).order_by("name")
        self.fields["unit"].queryset = found  # type: ignore[attr-defined]


class UrbanStudyForm(Seen):
    """When the urban study was approved."""

    approved_on = DayField(label="Étude urbaine validée le")
