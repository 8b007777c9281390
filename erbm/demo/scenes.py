"""One operation of the demonstration, moved by the same commands as any other."""

import datetime
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from erbm.accounts.models import User
from erbm.cases import commands
from erbm.demo.people import Cast
from erbm.demo.stories import Act, Story
from erbm.operations.models import Operation
from workflow import situations
from workflow.deadlines import LOCAL
from workflow.models import Case, Unit

RELATIVE_DAY = re.compile(r"[+-]\d+")

Gesture = Callable[[datetime.datetime], object]
"""One thing done at a moment, which leaves one event in the trail."""


class Scene:
    """
    An operation and those who act on it.

    - `recorded`: how many events its trail held before;
    - `told`: how many have been told again since, or for the first time.
    """

    def __init__(self, story: Story, cast: Cast, operation: Operation | None) -> None:
        self.story = story
        self.cast = cast
        self.recorded = operation.case.latest_seq if operation else 0
        self.told = 0
        self._operation = operation

    @property
    def operation(self) -> Operation:
        assert self._operation is not None, "every story begins with an opening"
        return self._operation

    def opens(self, operation: Operation) -> None:
        self._operation = operation

    def recast(self) -> None:
        """Read anew who takes part: a plan brings in those who pay."""
        vars(self).pop("parties", None)

    @cached_property
    def parties(self) -> Mapping[str, Sequence[Unit]]:
        found: dict[str, list[Unit]] = {}
        parties = self.operation.case.parties.select_related("unit")
        for party in parties.order_by("id"):
            found.setdefault(party.role, []).append(party.unit)
        return found

    @property
    def version(self) -> int:
        """What one sees who has just opened the page: a comment makes no version."""
        return Case.objects.values_list("version", flat=True).get(pk=self.operation.pk)

    def somebody(self, role: str, unit: Unit | None = None) -> User:
        """Return whoever holds a role there, in its first unit unless told which."""
        unit = unit or self.parties[role][0]
        return self.cast.holder(unit, role, self.operation.case.jurisdiction_id)

    def moved(self, act: Act, by: User, **said: Any) -> Gesture:
        """Prepare a move of the procedure."""

        def make(at: datetime.datetime) -> None:
            operation = self.operation
            move = operation.process.move(act.name)
            # Who signs after another signs what the other has signed.
            signed = situations.signed_inputs(operation.case, move)
            commands.make_move(
                case_id=operation.pk,
                process=operation.process,
                attempt=commands.Attempt(
                    move=move,
                    by=by,
                    at=at,
                    seen=self.version,
                    key=uuid.uuid4(),
                    reason=act.reason,
                    inputs={**_dated(act.says, at), **signed, **said},
                    confirmed_at=at,
                ),
            )

        return make

    def amending(self, role: str, at: datetime.datetime) -> dict[str, Any]:
        """Return what every change of the facts asks for."""
        return {
            "operation_id": self.operation.pk,
            "key": uuid.uuid4(),
            "by": self.somebody(role),
            "at": at,
        }


def _dated(says: Mapping[str, Any], at: datetime.datetime) -> dict[str, Any]:
    """Replace "+30" by the day that comes thirty days later."""
    today = at.astimezone(LOCAL).date()
    return {
        name: today + datetime.timedelta(days=int(value))
        if isinstance(value, str) and RELATIVE_DAY.fullmatch(value)
        else value
        for name, value in says.items()
    }
