"""The administration of what operations are opened by; operations have no page here."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from erbm.admin import Kept
from erbm.operations.models import ConsultationRule, Kind


class ConsultationRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    kind = forms.ChoiceField(label="Nature", choices=Kind.choices)


class ConsultationRuleAdmin(Kept):
    """Rules serve when an operation is submitted: no history hangs on them."""

    form = ConsultationRuleForm
    fields = ("kind", "departement", "protected_only", "unit", "months", "silence")
    list_display = (
        "kind_label",
        "departement",
        "protected_only",
        "unit",
        "months",
        "silence",
    )
    list_select_related = ("unit",)
    search_fields = ("unit__name", "unit__short_name")
    ordering = ("kind", "departement", "unit__short_name", "pk")
    autocomplete_fields = ("unit",)

    @admin.display(description="nature", ordering="kind")
    def kind_label(self, rule: ConsultationRule) -> str:
        return str(Kind(rule.kind).label)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True
