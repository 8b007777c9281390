"""The words and the components that several pages are made of.

`{% load look %}`; the page at `styles/`, in development, shows every one of them.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import slugify

from erbm import words
from erbm.desk import steps
from erbm.desk.terms import meaning_of
from flows.stages import Stage

register = template.Library()

SOON = 3  # days before a due day from which it stands out
STAGE_COLOURS = {
    Stage.PROPOSAL: "beige-gris-galet",
    Stage.COMMITTEE: "blue-cumulus",
    Stage.COPIL: "purple-glycine",
    Stage.FUNDING: "yellow-moutarde",
    Stage.DELIVERY: "green-menthe",
    Stage.END: "",
    Stage.ASIDE: "pink-tuile",
}


@register.filter
def money(cents: int | None) -> SafeString | str:
    """Write an amount in full, and keep it on one line."""
    return _amount(words.money(cents)) if cents is not None else "–"


@register.filter
def short_money(cents: int | None) -> SafeString | str:
    """Write an amount in thousands or millions, and keep it on one line."""
    return _amount(words.short_money(cents)) if cents is not None else "–"


@register.filter
def percent(part: Fraction) -> SafeString:
    """Write a part of a whole, and keep it on one line."""
    return _amount(words.percent(part))


@register.filter
def count(number: int) -> str:
    """Write a whole number."""
    return words.count(number)


@register.filter
def typeset(text: str) -> str:
    """Keep French punctuation on its line, in words that the rules give."""
    return words.typeset(text)


@register.filter
def day(value: datetime.date | None) -> SafeString | str:
    """Write a day in full."""
    return _time(value, words.day(value)) if value else "–"


@register.filter
def moment(value: datetime.datetime | None) -> SafeString | str:
    """Write a day and an hour."""
    return _time(value, words.moment(value)) if value else "–"


@register.inclusion_tag("components/due.html", takes_context=True)
def due(context: Context, value: datetime.date | None) -> dict[str, Any]:
    """Show a due day, and how far it is from the day of the page."""
    if value is None:
        return {"value": None}
    today = context["today"]
    left = words.days_left(value, today)
    urgency = "late" if left < 0 else "soon" if left <= SOON else "later"
    return {"value": value, "delay": words.delay(value, today), "urgency": urgency}


@register.simple_tag(takes_context=True)
def term(context: Context, word: str) -> SafeString:
    """Show a word of the house; what it means opens on the spot."""
    shown: list[str] = vars(context["request"]).setdefault("_terms", [])
    shown.append(word)
    key = f"term-{slugify(word)}-{len(shown)}"
    # Written here: a template would leave the end of its line before a comma.
    return format_html(
        '<button type="button" class="erbm-term" popovertarget="{key}">{word}</button>'
        '<span class="erbm-term__meaning" id="{key}" popover>'
        "<strong>{word}</strong>{fixed}: {meaning}</span>",
        key=key,
        word=word,
        fixed=words.FIXED,
        meaning=words.typeset(meaning_of(word)),
    )


@register.simple_tag
def stage_badge(stage: str) -> SafeString:
    """Show a stage by its name and its colour."""
    return _badge(str(Stage(stage).label), stage)


@register.simple_tag
def state_badge(label: str, stage: str) -> SafeString:
    """Show a state by its name, in the colour of its stage."""
    return _badge(label, stage)


@register.inclusion_tag("components/steps.html")
def stepper(
    stage: str,
    entered: Mapping[str, datetime.date] | None = None,
    state_label: str = "",
) -> dict[str, Any]:
    """Show the five stages, and where a case is among them."""
    return {
        "steps": steps.of_case(stage, entered or {}),
        "aside": state_label if stage in {Stage.END, Stage.ASIDE} else "",
        "state_label": state_label,
    }


@register.inclusion_tag("components/empty.html")
def empty(
    title: str, text: str = "", url: str = "", action: str = ""
) -> dict[str, str]:
    """Say that there is nothing here, and what one can do about it."""
    return {"title": title, "text": text, "url": url, "action": action}


@register.inclusion_tag("components/pager.html")
def pager(
    previous_url: str = "", next_url: str = "", label: str = "Pages"
) -> dict[str, str]:
    """Lead to the neighbours of a page of a list."""
    return {"previous_url": previous_url, "next_url": next_url, "label": label}


@register.inclusion_tag("components/facts.html")
def facts(rows: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """List names and their values; an empty value is shown as a dash."""
    return {"rows": rows}


@register.inclusion_tag("components/filters.html")
def filters(chosen: Sequence[tuple[str, str]], reset_url: str = "") -> dict[str, Any]:
    """List the filters in force; each is a label and the address without it."""
    return {"chosen": chosen, "reset_url": reset_url}


@register.inclusion_tag("components/progress.html")
def progress(label: str, value: int, total: int) -> dict[str, Any]:
    """Show how much of a whole is done."""
    return {"label": label, "value": value, "total": total}


@register.inclusion_tag("components/crumbs.html")
def crumbs(*parts: str) -> dict[str, Any]:
    """Show the way here: pairs of a label and an address, then this page."""
    *way, current = parts
    return {"links": list(zip(way[::2], way[1::2], strict=True)), "current": current}


@register.simple_block_tag
def dialog(content: str, *, name: str, title: str, opener: str) -> SafeString:
    """Keep what it contains behind a button, until one wants to act."""
    return render_to_string(
        "components/dialog.html",
        {"content": content, "name": name, "title": title, "opener": opener},
    )


def _amount(text: str) -> SafeString:
    return format_html('<span class="erbm-amount">{}</span>', text)


def _time(value: datetime.date, text: str) -> SafeString:
    if isinstance(value, datetime.datetime):
        value = timezone.localtime(value)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), text)


def _badge(label: str, stage: str) -> SafeString:
    colour = STAGE_COLOURS[Stage(stage)]
    css_class = f"fr-badge--{colour}" if colour else ""
    return format_html(
        '<span class="fr-badge fr-badge--no-icon erbm-badge {}">{}</span>',
        css_class,
        label,
    )
