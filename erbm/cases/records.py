"""One event of the trail of a case, with its body and its texts, read once."""

import datetime
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from typing import Any

from django.db import models
from django.utils import timezone

from erbm import words
from workflow.cases import binding_of
from workflow.models import Event, Subject
from workflow.process import Process
from workflow.trail import erasure

ERASED = "identité effacée"
Fields = Mapping[str, "models.Field[Any, Any]"]


def fields_of(process: Process) -> Fields:
    """Return the columns of what a procedure moves, by their names in the trail."""
    return _columns(binding_of(process.name, process.version).model)


@cache
def _columns(model: type[Subject]) -> Fields:
    return {field.attname: field for field in model._meta.concrete_fields}


def derived_of(process: Process) -> frozenset[str]:
    """Return the columns that say again, folded or summed, what others say."""
    return binding_of(process.name, process.version).model.DERIVED


class Record:
    """An event with its body and its texts, read once."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.erased = ERASED

    @cached_property
    def facts(self) -> dict[str, Any]:
        facts: dict[str, Any] = self.body["facts"]
        return facts

    @cached_property
    def texts(self) -> dict[str, str]:
        """The texts detached from it; none once they have been erased."""
        kept = getattr(self.event, "text", None)
        texts: dict[str, str] = json.loads(kept.text) if kept and kept.text else {}
        return texts

    @property
    def noted(self) -> dict[str, Any]:
        """What an amendment added, beside the columns that it changed."""
        return dict(self.facts.get("noted") or {})

    @cached_property
    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.event.body)
        return body

    @property
    def process(self) -> Process:
        """The procedure in the version that the case followed then."""
        return binding_of(self.body["process"], self.body["process_version"]).process

    @property
    def process_before(self) -> Process:
        """The version that the case followed just before: another one if it changed."""
        version = self.facts.get("version_before", self.body["process_version"])
        return binding_of(self.body["process"], version).process

    @property
    def day(self) -> datetime.date:
        return timezone.localtime(self.event.at).date()

    @property
    def effective_on(self) -> datetime.date | None:
        said = self.facts.get("effective_on")
        return datetime.date.fromisoformat(said) if said else None

    def said(self, name: str) -> Any:
        """Return what was typed under a name, wherever it is kept."""
        inputs = self.facts.get("inputs") or {}
        return inputs.get(name, self.texts.get(f"input.{name}"))

    @property
    def changes(self) -> dict[str, list[Any]]:
        """For each column that changed, its value before and after."""
        changes: dict[str, list[Any]] = dict(self.facts.get("changes") or {})
        fields, derived = fields_of(self.process), derived_of(self.process)
        for name in self.texts:
            column, _, when = name.rpartition(".")
            if when == "after" and column in fields:
                before = self.texts.get(f"{column}.before", "")
                changes[column] = [before, self.texts[name]]
        return {c: pair for c, pair in changes.items() if c not in derived}


def tell_erasures(records: Sequence[Record], also: Iterable[Event] = ()) -> None:
    """
    Say, of each event without texts, when and on what ground they were erased.

    `also`: the erasures recorded in these cases that are not among the records.
    """
    told = [*records, *(Record(event) for event in also)]
    erased: dict[tuple[int, int], str] = {}
    for record in (one for one in told if one.event.kind == erasure.KIND):
        ground = f"au titre de {record.facts['basis']}"
        said = f"effacé le {words.day(record.day)} {ground}"
        for seq in record.facts["erased"]:
            erased[record.event.case_id, seq] = said
    for record in records:
        place = record.event.case_id, record.event.seq
        record.erased = erased.get(place, ERASED)
