"""What the administration does alike with every table: who may, in which words.

Django's own permissions count for nothing here. Whoever the site lets in may add and
change what it shows, and erase nothing that history may hang on.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import capfirst

from erbm import changes
from erbm.fields import DayField


class Opened:
    """Everything that the site shows, but erasing, to everybody that it lets in."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return True


class Shown(Opened):
    """What can be looked at, and not touched."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Table(Opened, admin.ModelAdmin):  # type: ignore[type-arg]
    """A table, page by page, under its own name; rows are not acted on in bulk."""

    actions: Any = None
    list_per_page = 50
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        title = capfirst(self.opts.verbose_name_plural)
        context = {"title": title, **(extra_context or {})}
        return super().changelist_view(request, context)


class Kept(Table):
    """
    A table that is kept up to date, row by row.

    - `written_once`: what is fixed once the row exists.
    """

    written_once: ClassVar[Sequence[str]] = ()
    formfield_overrides: ClassVar[Any] = {
        models.DateField: {
            "form_class": DayField,
            "widget": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        },
    }

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        fixed = self.written_once if obj else ()
        return [*super().get_readonly_fields(request, obj), *fixed]

    # What is changed is in the register too, before and after

    def save_model(
        self, request: HttpRequest, obj: Any, form: Any, change: Any
    ) -> None:
        form.before = _stored(form) if change else {}
        super().save_model(request, obj, form, change)

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: Any
    ) -> None:
        within = [one for formset in formsets for one in formset.initial_forms]
        for one in within:
            one.before = _stored(one)
        super().save_related(request, form, formsets, change)
        added = [one for formset in formsets for one in formset.extra_forms]
        for one in [form, *within, *added]:
            if one.instance.pk and one.has_changed():
                self._note(one, request)

    def _note(self, form: Any, request: HttpRequest) -> None:
        chosen = {n for n, f in form.fields.items() if isinstance(f, forms.ChoiceField)}
        changes.note(
            form.instance,
            getattr(form, "before", {}),
            changes.values_of(form.instance, _columns(form)),
            listed=chosen | set(self.written_once),
            by=request.user,
            at=timezone.now(),
        )

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        names = [field.name for field in obj._meta.concrete_fields]
        before = changes.values_of(obj, names)
        changes.note(obj, before, {}, by=request.user, at=timezone.now())
        super().delete_model(request, obj)


def _columns(form: Any) -> list[str]:
    """Return the columns that a form fills in."""
    known = {field.name for field in form.instance._meta.get_fields()}
    return [name for name in form.fields if name in known]


def _stored(form: Any) -> dict[str, Any]:
    """Read what the row of a form holds before it is saved."""
    row = type(form.instance)._default_manager.get(pk=form.instance.pk)
    return changes.values_of(row, _columns(form))


class Reference(Shown, Table):
    """A table that pages look things up in, and that nobody changes here."""
