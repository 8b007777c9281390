"""What the pages of the programme show alike.

`{% load programme %}`
"""

from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from erbm import words
from erbm.programme.models import Envelope

register = template.Library()

LIST = "grants:list"
"""The list of the grants behind a figure."""


@register.simple_tag
def held(envelope: Envelope, column: str, *, full: bool = False) -> SafeString:
    """Write an amount of an envelope, with the list of what makes it up."""
    cents: Any = getattr(envelope, f"{column}_cents")
    written = words.money(cents) if full else words.short_money(cents)
    address = f"{reverse(LIST)}?envelope={envelope.pk}&money={column}"
    return format_html(
        '<a href="{}"><span class="erbm-amount">{}</span></a>', address, written
    )
