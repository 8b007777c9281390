"""How one chooses what comes by e-mail."""

from typing import Any

from django import forms

from workflow.models.notices import Pace, Topic
from workflow.notices import DEFAULTS

USUAL = "usual"
CHOSEN = [topic for topic in Topic if topic != Topic.OUTCOME]


class PacesForm(forms.Form):
    """When each kind of notice comes by e-mail."""

    overall = forms.ChoiceField(
        label="En règle générale",
        initial=USUAL,
        choices=[(USUAL, "Comme d’usage"), *Pace.choices],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for topic in CHOSEN:
            usual = DEFAULTS[topic].label.lower()
            self.fields[topic] = forms.ChoiceField(
                label=topic.label,
                initial=USUAL,
                choices=[(USUAL, "Comme la règle générale"), *Pace.choices],
                help_text=f"D’usage\u00a0: {usual}.",
            )

    @property
    def paces(self) -> dict[str, str]:
        """What is chosen, by topic; under nothing, the rule. Empty is as usual."""
        said = {
            name: "" if pace == USUAL else pace
            for name, pace in self.cleaned_data.items()
        }
        return {"": said.pop("overall"), **said}
