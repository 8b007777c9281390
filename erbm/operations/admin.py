"""The administration of what operations are opened by; operations have no page here."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from erbm.admin import Kept
from erbm.fields import EurosField
from erbm.operations.models import ConsultationRule, Kind
from erbm.words import money


class ConsultationRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    kind = forms.ChoiceField(label="Nature", choices=Kind.choices)
    least_cents = EurosField(
        label="À partir d’un coût de",
        help_text="En euros ; laissé vide : quel que soit le coût.",
        required=False,
    )


class ConsultationRuleAdmin(Kept):
    """Rules serve when an operation is submitted: no history hangs on them."""

    form = ConsultationRuleForm
    fields = (
        *("kind", "departement", "theme", "protected_only", "least_cents"),
        *("scheme", "funder", "unit", "months", "silence"),
    )
    list_display = (
        *("kind_label", "unit", "departement", "theme", "protected_only", "least"),
        *("scheme", "funder", "months", "silence"),
    )
    list_filter = ("theme", "scheme")
    list_select_related = ("unit", "theme", "funder")
    search_fields = ("unit__name", "unit__short_name")
    ordering = ("kind", "departement", "unit__short_name", "pk")
    autocomplete_fields = ("unit", "funder")

    @admin.display(description="nature", ordering="kind")
    def kind_label(self, rule: ConsultationRule) -> str:
        return str(Kind(rule.kind).label)

    @admin.display(description="à partir de", ordering="least_cents")
    def least(self, rule: ConsultationRule) -> str:
        return money(rule.least_cents) if rule.least_cents else ""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True
