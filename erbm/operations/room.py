"""Where operations are shown, and in which words."""

from collections.abc import Collection

from django.db.models import QuerySet

from erbm.cases.rooms import Noun, Room
from erbm.operations import past
from erbm.operations.chapters import OperationChapters
from erbm.operations.dialect import OperationDialect
from erbm.operations.models import Kind, Operation
from erbm.operations.queries import Sheet
from workflow.models import Membership


def _visible(memberships: Collection[Membership]) -> "QuerySet[Operation]":
    return Operation.objects.visible_with(memberships).with_facts()


def _about(operations: "QuerySet[Operation]") -> "QuerySet[Operation]":
    return operations


OPERATIONS = Room(
    namespace="operations",
    labels={kind.value: str(kind.label) for kind in Kind},
    noun=Noun(
        plural="Opérations",
        the="l’opération",
        to_the="à l’opération",
        of_the="de l’opération",
        is_feminine=True,
    ),
    visible=_visible,
    sheet=Sheet,
    variable="operation",
    list_url="operations:list",
    move_template="operations/move.html",
    help_template="operations/parts/ask_help.html",
    has_letters=True,
    dialect=OperationDialect(),
    chapters=OperationChapters(),
    past=past.held,
    past_template="operations/parts/past.html",
    about=_about,
)
