"""How the tests fill in the forms of an operation, and read the pages."""

import html
import re
import uuid

from django.urls import reverse

from tests.operations.factories import again


def address(name, operation, *more):
    return reverse(f"operations:{name}", args=[operation.pk, *more])


def sent(operation, **said):
    """Return what the form of an act sends: what was seen, a key, what is said."""
    fresh = {"seen": again(operation).case.version, "key": str(uuid.uuid4())}
    return fresh | said


def text_of(response):
    """Return the words of a page, with ordinary spaces."""
    page = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", response.content.decode())
    return " ".join(html.unescape(page).split())


def hidden(response, name):
    """Return the value of a hidden field of a page."""
    pattern = rf'<input type="hidden" name="{name}" value="([^"]*)"'
    found = re.search(pattern, response.content.decode())
    return html.unescape(found[1]) if found else None


def moves_in(response, operation):
    """Return the moves that a page leads to."""
    start = address("move", operation, "x").removesuffix("x/")
    page = response.content.decode()
    return {part.split("/")[0] for part in page.split(f'href="{start}')[1:]}
