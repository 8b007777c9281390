"""The administration of the themes."""

from erbm.admin import Kept


class ThemeAdmin(Kept):
    fields = ("code", "label", "rank")
    written_once = ("code",)
    list_display = ("label", "code", "rank")
    search_fields = ("label", "code")
    ordering = ("rank", "label")
