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
from django.utils.text import capfirst

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


class Reference(Shown, Table):
    """A table that pages look things up in, and that nobody changes here."""
