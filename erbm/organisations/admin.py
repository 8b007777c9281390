"""The administration of the units, of the bodies behind them, of who is competent."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest

from erbm.accounts.admin import Named, RoleFilter
from erbm.admin import Kept, Opened
from erbm.organisations.models import Organisation, Remit, process_titles
from flows.roles import Role
from workflow.models import Task, Unit

STILL_ASKED = "Demandes qui attendent encore cette unité : {}."


class OrganisationInline(Opened, admin.StackedInline):  # type: ignore[type-arg]
    """The body behind a unit."""

    model = Organisation
    autocomplete_fields = ("commune", "epci")


class UnitForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        help_texts = {
            "is_active": "Une unité au repos ne donne plus aucun rôle à ses membres."
        }


class UnitAdmin(Kept):
    """Units are never erased: those that are no more are put to rest."""

    form = UnitForm
    fields = ("code", "name", "short_name", "email", "is_active")
    written_once = ("code",)
    list_display = ("short_name", "name", "category", "is_active")
    list_filter = ("is_active", "organisation__category")
    list_select_related = ("organisation",)
    search_fields = ("code", "name", "short_name")
    ordering = ("short_name", "code")
    inlines = (OrganisationInline,)

    def save_model(
        self, request: HttpRequest, obj: Unit, form: Any, change: Any
    ) -> None:
        super().save_model(request, obj, form, change)
        waiting = Task.objects.open().filter(unit=obj).count()
        if waiting and not obj.is_active:
            messages.warning(request, STILL_ASKED.format(waiting))

    @admin.display(description="catégorie", ordering="organisation__category")
    def category(self, unit: Any) -> str:
        body = getattr(unit, "organisation", None)
        return str(body.get_category_display()) if body else ""


class RemitForm(forms.ModelForm):  # type: ignore[type-arg]
    process = forms.ChoiceField(label="Procédure", choices=process_titles)
    role = forms.ChoiceField(label="Rôle", choices=Role.choices)


class RemitAdmin(Named, Kept):
    """Competences are copied into a case when it opens: no history hangs on them."""

    form = RemitForm
    fields = ("process", "role", "jurisdiction", "unit")
    list_display = ("process_title", "role_label", "jurisdiction", "unit")
    list_display_links = ("process_title", "role_label")
    list_filter = (RoleFilter, "jurisdiction")
    list_select_related = ("jurisdiction", "unit")
    search_fields = ("unit__name", "unit__short_name")
    ordering = ("process", "role", "jurisdiction__name", "pk")
    autocomplete_fields = ("unit",)

    @admin.display(description="procédure", ordering="process")
    def process_title(self, remit: Remit) -> str:
        return remit.process_title

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True
