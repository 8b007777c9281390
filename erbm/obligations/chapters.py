"""What the dossier of a condition tells: who owes what, by when, and what proves it."""

from collections.abc import Iterator, Sequence

from django.template.defaultfilters import filesizeformat

from erbm.cases.chapters import Chapters, Piece
from erbm.obligations.queries import ObligationSheet
from erbm.words import day


class ObligationChapters(Chapters):
    """The chapters of a condition."""

    summary = "condition, échéances, étapes"

    def essentials(self, sheet: ObligationSheet) -> Iterator[tuple[str, str]]:
        one = sheet.obligation
        yield "Opération", one.operation.case.reference
        yield "Condition", one.wording
        yield "Due par", one.debtor.name
        yield "Origine", str(one.get_origin_display())
        if one.decision:
            yield "Décision", one.decision
        yield "Retenue le", day(one.accepted_on)
        yield "Échéance", day(one.due_on)
        if one.is_postponed:
            yield "Échéance initiale", day(one.first_due_on)
        known = {
            "Déclarée tenue le": one.reported_on,
            "Tenue le": one.met_on,
            "Levée le": one.waived_on,
        }
        yield from ((label, day(on)) for label, on in known.items() if on)

    def pieces(self, sheet: ObligationSheet) -> Sequence[Piece]:
        return [
            Piece(
                title=one.title,
                filename=one.filename,
                about=f"jointe le {day(one.added_at)} par {one.added_by}, "
                f"{filesizeformat(one.size)}",
                sha256=one.sha256,
                size=one.size,
                file=one.file,
            )
            for one in reversed(sheet.proofs)
        ]
