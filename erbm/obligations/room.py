"""Where conditions are shown, and in which words."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.db.models import QuerySet

from erbm import words
from erbm.cases.dialects import Dialect
from erbm.cases.rooms import Noun, Room
from erbm.obligations.chapters import ObligationChapters
from erbm.obligations.models import Obligation
from erbm.obligations.queries import ObligationSheet
from erbm.operations.models import Operation
from flows.obligation.lifecycle import PROCESS
from workflow.models import Membership


class ObligationDialect(Dialect):
    """The words of the journal of a condition."""

    def noted(
        self, noted: Mapping[str, Any], texts: Mapping[str, str]
    ) -> Iterator[tuple[str, str]]:
        if "proof" in texts:
            yield "Preuve", texts["proof"]
            yield "Fichier", texts.get("filename", "")
            yield "Taille", f"{words.count(int(noted['size']))}{words.FIXED}octets"


def _visible(memberships: Collection[Membership]) -> "QuerySet[Obligation]":
    return Obligation.objects.visible_with(memberships).with_facts()


def _about(operations: "QuerySet[Operation]") -> "QuerySet[Obligation]":
    return Obligation.objects.filter(operation__in=operations)


OBLIGATIONS = Room(
    namespace="obligations",
    labels={PROCESS.name: "Condition à tenir"},
    noun=Noun(
        plural="Conditions",
        the="la condition",
        to_the="à la condition",
        of_the="de la condition",
        is_feminine=True,
    ),
    visible=_visible,
    sheet=ObligationSheet,
    variable="obligation",
    list_url="obligations:list",
    move_template="cases/act.html",
    dialect=ObligationDialect(),
    chapters=ObligationChapters(),
    about=_about,
)
