"""What the dossier of a sitting tells, and what that of an operation says of it."""

from collections.abc import Iterator
from typing import Any

from erbm.cases.chapters import Chapters
from erbm.committees.models import AgendaItem
from erbm.committees.queries import SittingSheet
from erbm.words import day


class SittingChapters(Chapters):
    """The chapters of a sitting, which is about many operations."""

    summary = "instance, date, étapes"
    goes_along = False

    def essentials(self, sheet: SittingSheet) -> Iterator[tuple[str, str]]:
        sitting = sheet.sitting
        yield "Instance", sitting.body.name
        yield "Séance du", day(sitting.held_on)
        if sitting.place:
            yield "Lieu", sitting.place
        known = {
            "Convoquée le": sitting.convened_on,
            "Close le": sitting.closed_on,
            "Relevé publié le": sitting.published_on,
        }
        yield from ((label, day(on)) for label, on in known.items() if on)
        if sitting.published_on:
            yield "Relevé", sitting.minutes_label

    def beside(self, sheet: SittingSheet, case: Any) -> Iterator[tuple[str, str]]:
        """Say what was decided of one operation, and nothing of the others."""
        yield from self.essentials(sheet)
        items = AgendaItem.objects.filter(sitting=sheet.sitting.pk, operation=case.pk)
        for item in items.order_by("pk"):
            yield from _decided(item)


def _decided(item: AgendaItem) -> Iterator[tuple[str, str]]:
    if item.is_postponed:
        yield "Point reporté", item.postponed_because
    if item.decision:
        yield "Décision", str(item.get_decision_display())
    for label, text in (("Motif", item.reason), ("Conditions", item.conditions)):
        if text:
            yield label, text
