"""How the tests ask for the pages of the audit."""

from django.urls import reverse

from tests.operations.forms import text_of


def page(client, name, /, *args, **params):
    """Ask for a page that must be there."""
    response = client.get(reverse(f"audit:{name}", args=args), params)
    assert response.status_code == 200
    return response


def text(client, name, /, *args, **params):
    """Return the words of a page."""
    return text_of(page(client, name, *args, **params))


def events(client, **params):
    """Return what a search finds: the reference and the number of each event."""
    rows = page(client, "search", **params).context["rows"]
    return [(row.event.case.reference, row.event.seq) for row in rows]
