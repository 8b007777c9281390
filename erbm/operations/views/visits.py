"""One person before one operation."""

from typing import cast

from django.http import HttpRequest

from erbm.cases.views import acts
from erbm.operations.models import Operation
from erbm.operations.queries import Sheet
from erbm.operations.room import OPERATIONS


class OperationVisit(acts.Visit):
    """A visit whose subject is an operation."""

    @property
    def operation(self) -> Operation:
        return cast("Operation", self.subject)

    @property
    def sheet(self) -> Sheet:
        return cast("Sheet", super().sheet)


def visit(request: HttpRequest, pk: int) -> OperationVisit:
    """
    Read an operation that a person may know of, and the clock, once.

    :raises Http404: if there is none, or none that she may know of
    """
    return acts.visit_as(OperationVisit, request, OPERATIONS, pk)
