"""The administration of the cités, and the places among which one looks things up."""

from erbm.admin import Kept, Reference


class CiteAdmin(Kept):
    fields = (
        "code",
        "name",
        "communes",
        "landlord",
        "dwellings",
        "unesco",
        "source",
        "source_date",
        "note",
    )
    written_once = ("code",)
    list_display = ("name", "landlord", "dwellings", "unesco", "source_date")
    list_filter = ("unesco", "landlord")
    list_select_related = ("landlord",)
    search_fields = ("code", "name", "communes__name")
    ordering = ("name", "code")
    autocomplete_fields = ("communes", "landlord")


class CommuneAdmin(Reference):
    list_display = ("name", "code", "arrondissement", "epci")
    list_select_related = ("arrondissement", "epci")
    search_fields = ("name", "code")
    ordering = ("name", "code")


class EpciAdmin(Reference):
    list_display = ("short_name", "siren", "committee", "in_programme")
    list_select_related = ("committee",)
    search_fields = ("name", "short_name", "siren")
    ordering = ("short_name", "siren")
