"""What the pages of an operation show, to one person at one moment."""

import datetime
from functools import cached_property
from typing import Any

from erbm.cases import journal
from erbm.cases.sheets import CaseSheet
from erbm.funding.models import Line
from erbm.funding.queries import Plan
from erbm.operations import hearings, search
from erbm.operations.hearings import Consulted
from erbm.operations.models import (
    Document,
    Operation,
    RequestedDocument,
)
from flows.edits import ADD_DOCUMENT, CORRECT_PLAN, EDIT_PLAN, EDITS, JOIN_ACT
from flows.operation import PREPARING_COPIL, REFER_TO_ARBITRATION, State
from flows.rehabilitation.lifecycle import RECORD_URBAN_STUDY
from flows.stages import Stage
from workflow.deadlines import local_day
from workflow.models import Unit
from workflow.process import Edit

DATES = (
    "received_on",
    "complete_on",
    "planned_on",
    "committee_on",
    "copil_on",
    "funded_on",
    "started_on",
    "delivered_on",
    "closed_on",
    "suspended_on",
)


COLUMNS = {field.name: field for field in Operation._meta.concrete_fields}


class Sheet(CaseSheet):
    """An operation as one person sees it at one moment, read part by part."""

    def __init__(self, operation: Operation, **seen: Any) -> None:
        super().__init__(operation, **seen)
        self.operation = operation

    # What may be done

    @cached_property
    def may(self) -> dict[str, bool]:
        """Tell of each edit, by its name, whether the person can make it."""
        offered = set(self.process.edits)
        return {
            edit.name: edit in offered and not self.refusals_of(edit)
            for edit in (*EDITS, RECORD_URBAN_STUDY)
        }

    @property
    def plan_edit(self) -> Edit:
        """The edit by which the plan may change in the present state."""
        corrected = self.case.state in CORRECT_PLAN.source
        return CORRECT_PLAN if corrected else EDIT_PLAN

    @property
    def document_edit(self) -> Edit:
        """The edit by which a document may be joined in the present state."""
        return JOIN_ACT if self.case.state in JOIN_ACT.source else ADD_DOCUMENT

    @property
    def may_edit_plan(self) -> bool:
        return self.may[self.plan_edit.name]

    @property
    def may_join(self) -> bool:
        return self.may[self.document_edit.name]

    # What is known

    @cached_property
    def figures_are_invented(self) -> bool:
        return "invente" in search.fold(self.operation.figures_note)

    @property
    def dates(self) -> list[tuple[str, datetime.date]]:
        """The days that have passed or been set, in the order of the procedure."""
        days = [(_label(name), getattr(self.operation, name)) for name in DATES]
        return [(label, day) for label, day in days if day is not None]

    @cached_property
    def plan(self) -> Plan:
        lines = self.operation.lines.select_related("funder").order_by("pk")
        return Plan(list(lines), self.case.amount_cents)

    @property
    def to_notify(self) -> list[Line]:
        """The lines whose notification the person is expected to record."""
        if not self.may["record_notification"]:
            return []
        return [line for line in self._followed_here if line.notified_on is None]

    @property
    def to_settle(self) -> list[Line]:
        """The lines whose balance the person is expected to record to close."""
        if self.case.state != State.DELIVERED or not self.may["record_settlement"]:
            return []
        return [line for line in self._followed_here if line.settled_on is None]

    @property
    def _followed_here(self) -> list[Line]:
        """The lines that have no grant of their own: nobody else says what they are."""
        return [line for line in self.plan.granted if not line.is_followed]

    @cached_property
    def documents(self) -> list[Document]:
        return list(
            self.operation.documents.select_related("added_by").order_by("-added_at")
        )

    @property
    def unanswered(self) -> list[RequestedDocument]:
        """The documents that the person may still provide."""
        if not self.may["answer_request"]:
            return []
        return [request for request in self.requests if request.document is None]

    @cached_property
    def requests(self) -> list[RequestedDocument]:
        """The documents that were asked for, with those that answer them."""
        asked = self.operation.requested_documents
        return list(asked.select_related("document").order_by("pk"))

    @cached_property
    def consulted(self) -> list[Consulted]:
        """The opinions given, then those awaited and those that never came."""
        return hearings.heard(self.operation, local_day(self.at))

    @property
    def units_to_consult(self) -> list[Unit]:
        """The services that give opinions, and of which none is asked here yet."""
        asked = {self.operation.owner, *(one.unit for one in self.consulted)}
        units = hearings.advisers(local_day(self.at))
        return [unit for unit in units if unit not in asked]

    @property
    def opinions_received(self) -> int:
        return sum(one.opinion is not None for one in self.consulted)

    # What happened

    @cached_property
    def referral(self) -> journal.Line | None:
        """The positions between which the sub-prefect is asked to decide."""
        if self.case.state != State.ARBITRATION:
            return None
        return journal.latest(self.events, move=REFER_TO_ARBITRATION)

    @property
    def reservations(self) -> list[Consulted]:
        """The services that were not simply favourable."""
        return [one for one in self.consulted if one.has_reservations]

    @cached_property
    def file(self) -> list[journal.Line]:
        """What the COPIL decides upon: report, committee, arbitration, as recorded."""
        if self.case.stage != Stage.COPIL:
            return []
        lines = (journal.latest(self.events, move=move) for move in PREPARING_COPIL)
        return [line for line in lines if line is not None]


def _label(name: str) -> str:
    label = str(COLUMNS[name].verbose_name)
    return label[:1].upper() + label[1:]


def line_of(operation: Operation, line_id: int) -> Line | None:
    """Return a line of the plan of an operation, unless it is another's."""
    line: Line | None = (
        operation.lines.select_related("funder").filter(pk=line_id).first()
    )
    return line
