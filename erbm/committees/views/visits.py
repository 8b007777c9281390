"""One person before one sitting."""

from typing import cast

from django.http import HttpRequest

from erbm.cases.views import acts
from erbm.committees.models import Sitting
from erbm.committees.queries import SittingSheet
from erbm.committees.room import SITTINGS


class SittingVisit(acts.Visit):
    """A visit whose subject is a sitting."""

    @property
    def sitting(self) -> Sitting:
        return cast("Sitting", self.subject)

    @property
    def sheet(self) -> SittingSheet:
        return cast("SittingSheet", super().sheet)


def visit(request: HttpRequest, pk: int) -> SittingVisit:
    """
    Read a sitting that a person may know of, and the clock, once.

    :raises Http404: if there is none, or none that she may know of
    """
    return acts.visit_as(SittingVisit, request, SITTINGS, pk)
