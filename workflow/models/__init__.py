"""The tables of the engine."""

from workflow.models.batches import Batch, BatchItem, Outcome
from workflow.models.cases import Case, Counter, Party, StateField, Subject
from workflow.models.closures import Closure
from workflow.models.comments import Attachment, Comment, Mention
from workflow.models.decisions import Conflict, Consulted
from workflow.models.drafts import Draft
from workflow.models.inbox import DefaultView, Follow, SavedView, Snooze
from workflow.models.journeys import Journey, Task
from workflow.models.life import Finding, Inspection, Passage, Transfer
from workflow.models.notices import Digest, Feed, Notice, Preference
from workflow.models.outbox import Message
from workflow.models.people import Delegation, Substitution
from workflow.models.priorities import Priority
from workflow.models.register import Entry, EntryKind, EntryText
from workflow.models.seals import (
    Checkpoint,
    Fault,
    Leaf,
    SealingKey,
    Testimony,
    Timestamp,
    Unsealed,
    UnsealedEntry,
    Verification,
    VerificationRequest,
    Witness,
)
from workflow.models.trail import AppendOnly, Event, EventText, Signature
from workflow.models.units import Competence, Jurisdiction, Membership, Unit

__all__ = [
    "AppendOnly",
    "Attachment",
    "Batch",
    "BatchItem",
    "Case",
    "Checkpoint",
    "Closure",
    "Comment",
    "Competence",
    "Conflict",
    "Consulted",
    "Counter",
    "DefaultView",
    "Delegation",
    "Digest",
    "Draft",
    "Entry",
    "EntryKind",
    "EntryText",
    "Event",
    "EventText",
    "Fault",
    "Feed",
    "Finding",
    "Follow",
    "Inspection",
    "Journey",
    "Jurisdiction",
    "Leaf",
    "Membership",
    "Mention",
    "Message",
    "Notice",
    "Outcome",
    "Party",
    "Passage",
    "Preference",
    "Priority",
    "SavedView",
    "SealingKey",
    "Signature",
    "Snooze",
    "StateField",
    "Subject",
    "Substitution",
    "Task",
    "Testimony",
    "Timestamp",
    "Transfer",
    "Unit",
    "Unsealed",
    "UnsealedEntry",
    "Verification",
    "VerificationRequest",
    "Witness",
]
