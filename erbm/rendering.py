"""How forms become HTML: every field in the shape of the design system."""

from typing import Any

from django.forms import BoundField, Widget
from django.forms.renderers import TemplatesSetting

# What differs from a line of text: the class of the widget, and the template.
CLASSES = {
    "select": "fr-select",
    "selectmultiple": "fr-select",
    "file": "fr-upload",
    "clearablefile": "fr-upload",
    "password": "fr-password__input fr-input",
    "checkbox": "",
    "radioselect": "",
    "checkboxselectmultiple": "",
}
TEMPLATES = {
    "password": "forms/password.html",
    "checkbox": "forms/checkbox.html",
    "radioselect": "forms/choices.html",
    "checkboxselectmultiple": "forms/choices.html",
}


class DsfrField(BoundField):
    """A field that picks its template and its class after its widget."""

    @property
    def template_name(self) -> str:
        own: str | None = getattr(self.field, "template_name", None)
        return own or TEMPLATES.get(self.widget_type, "forms/field.html")

    @property
    def group_class(self) -> str:
        return f"{CLASSES.get(self.widget_type, 'fr-input')}-group"

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: Widget | None = None
    ) -> dict[str, Any]:
        built: dict[str, Any] = super().build_widget_attrs(attrs, widget)
        css_class = CLASSES.get(self.widget_type, "fr-input")
        if css_class and "class" not in (widget or self.field.widget).attrs:
            built.setdefault("class", css_class)
        return built


class Renderer(TemplatesSetting):
    """Ours for every form, so that no form has to inherit from anything."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
    bound_field_class = DsfrField
