"""The administration of the themes and of the tags."""

from erbm.admin import Kept


class ThemeAdmin(Kept):
    fields = ("code", "label", "rank")
    written_once = ("code",)
    list_display = ("label", "code", "rank")
    search_fields = ("label", "code")
    ordering = ("rank", "label")


class TagAdmin(ThemeAdmin):
    """Alike: a code that never changes, a label and a rank."""
