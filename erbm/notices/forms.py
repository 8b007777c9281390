"""How one chooses what comes by e-mail."""

from typing import Any

from django import forms

from workflow.models.notices import Pace, Topic
from workflow.notices import DEFAULTS

CHOSEN = [topic for topic in Topic if topic != Topic.OUTCOME]


class PacesForm(forms.Form):
    """When each kind of notice comes by e-mail; empty, as is usual for it."""

    overall = forms.ChoiceField(
        label="En règle générale",
        required=False,
        choices=[("", "Comme d’usage pour chaque nature"), *Pace.choices],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for topic in CHOSEN:
            usual = DEFAULTS[topic].label.lower()
            self.fields[topic] = forms.ChoiceField(
                label=topic.label,
                required=False,
                choices=[("", "Comme la règle générale"), *Pace.choices],
                help_text=f"D’usage\u00a0: {usual}.",
            )

    @property
    def paces(self) -> dict[str, str]:
        """What is chosen, by topic; under nothing, the rule."""
        said = dict(self.cleaned_data)
        return {"": said.pop("overall"), **said}
