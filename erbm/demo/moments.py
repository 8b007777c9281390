"""One operation of the demonstration, and who acts on it at one moment."""

import datetime
from dataclasses import dataclass

from erbm.accounts.models import User
from erbm.demo.people import Cast
from erbm.operations.models import Operation
from workflow.deadlines import local_day
from workflow.models import Case


@dataclass(frozen=True)
class Player:
    """An operation at one moment, and those who hold the roles of it."""

    cast: Cast
    operation: Operation
    at: datetime.datetime

    @property
    def on(self) -> datetime.date:
        return local_day(self.at)

    def somebody(self, role: str, case: Case | None = None) -> User:
        """Return who plays a role in the operation, or in another case of it."""
        case = case or self.operation.case
        parties = case.parties.filter(role=role).select_related("unit")
        unit = parties.order_by("pk")[0].unit
        return self.cast.holder(unit, role, case.jurisdiction_id)
