"""The shape of a comment; the engine says who may write to whom."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from erbm.forms import Keyed
from erbm.operations import uploads
from workflow import comments, inputs
from workflow.comments import NewFile
from workflow.readership import Address


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        sent = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in sent if one]


class GroupedCheckboxes(forms.CheckboxSelectMultiple):
    """Boxes to tick, under the name of their group."""

    template_name = "forms/widgets/groups.html"


class CommentForm(Keyed):
    """What one writes, to whom, and on whom one calls."""

    to = forms.ChoiceField(label="Qui pourra le lire")
    text = forms.CharField(
        label="Commentaire",
        help_text="Un commentaire ne se modifie plus ; son auteur peut le retirer.",
        max_length=inputs.TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    mentions = forms.MultipleChoiceField(
        label="Prévenir",
        help_text="Les personnes et unités mentionnées reçoivent une notification.",
        required=False,
        widget=GroupedCheckboxes,
    )
    attachments = FilesField(
        label="Fichiers",
        required=False,
        max_length=uploads.LONGEST_NAME,
        help_text=f"{comments.MOST_ATTACHMENTS} au plus, "
        f"{uploads.LARGEST // 1024**2} Mo en tout ; {', '.join(uploads.FORMATS)}.",
        widget=FilesInput(attrs={"accept": uploads.ACCEPTED}),
    )

    def __init__(
        self,
        *args: Any,
        offered: Sequence[Address],
        mentionable: Sequence[tuple[str, Sequence[tuple[str, str]]]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        several = len({one.unit.pk for one in offered}) > 1
        to, mentions = self.fields["to"], self.fields["mentions"]
        to.choices = [  # type: ignore[attr-defined]
            (one.value, f"{one.label} ({one.unit})" if several else one.label)
            for one in offered
        ]
        mentions.choices = mentionable  # type: ignore[attr-defined]
        mentions.template_name = "forms/groups.html"  # type: ignore[attr-defined]

    def clean_attachments(self) -> list[NewFile]:
        try:
            return [
                NewFile(file, uploads.content_type_of(file))
                for file in self.cleaned_data["attachments"]
            ]
        except uploads.Unacceptable as refused:
            raise ValidationError(str(refused)) from None

    def mentioned(self, kind: str) -> list[int]:
        """Return the ids of the people ("p") or units ("u") called on."""
        values: list[str] = self.cleaned_data["mentions"]
        return [int(v[2:]) for v in values if v.startswith(f"{kind}.")]


class WithdrawForm(Keyed):
    """Nothing to say: it is enough to confirm."""
