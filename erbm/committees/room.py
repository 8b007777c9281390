"""Where sittings are shown, and in which words."""

from collections.abc import Collection

from django.db.models import QuerySet

from erbm.cases.rooms import Noun, Room
from erbm.committees.chapters import SittingChapters
from erbm.committees.dialect import SittingDialect
from erbm.committees.models import Sitting
from erbm.committees.queries import SittingSheet
from flows.sitting.lifecycle import PROCESS
from workflow.models import Membership


def _visible(memberships: Collection[Membership]) -> "QuerySet[Sitting]":
    return Sitting.objects.visible_with(memberships).with_facts()


def _about(operations: "QuerySet[Sitting]") -> "QuerySet[Sitting]":
    return Sitting.objects.filter(items__operation__in=operations).distinct()


SITTINGS = Room(
    namespace="committees",
    labels={PROCESS.name: "Séance d’une instance"},
    noun=Noun(
        plural="Séances",
        the="la séance",
        to_the="à la séance",
        of_the="de la séance",
        is_feminine=True,
    ),
    visible=_visible,
    sheet=SittingSheet,
    variable="sitting",
    list_url="committees:list",
    dialect=SittingDialect(),
    chapters=SittingChapters(),
    about=_about,
)
