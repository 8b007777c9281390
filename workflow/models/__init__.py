"""The tables of the engine."""

from workflow.models.batches import Batch, BatchItem, Outcome
from workflow.models.cases import Case, Counter, Party, StateField, Subject
from workflow.models.closures import Closure
from workflow.models.decisions import Conflict, Consulted
from workflow.models.journeys import Journey, Task
from workflow.models.life import Finding, Inspection, Passage, Transfer
from workflow.models.outbox import Message
from workflow.models.people import Delegation, Substitution
from workflow.models.trail import AppendOnly, Event, EventText, Signature
from workflow.models.units import Competence, Jurisdiction, Membership, Unit

__all__ = [
    "AppendOnly",
    "Batch",
    "BatchItem",
    "Case",
    "Closure",
    "Competence",
    "Conflict",
    "Consulted",
    "Counter",
    "Delegation",
    "Event",
    "EventText",
    "Finding",
    "Inspection",
    "Journey",
    "Jurisdiction",
    "Membership",
    "Message",
    "Outcome",
    "Party",
    "Passage",
    "Signature",
    "StateField",
    "Subject",
    "Substitution",
    "Task",
    "Transfer",
    "Unit",
]
