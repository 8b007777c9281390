"""Check the seals: every leaf, every checkpoint, every key, and what has no seal."""

import contextlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from django.conf import settings
from django.db.models import Exists, Max, OuterRef

from workflow.models import (
    Checkpoint,
    Entry,
    Event,
    Leaf,
    SealingKey,
    Unsealed,
    UnsealedEntry,
)
from workflow.trail import canonical, notes, sealing
from workflow.trail.merkle import Frontier
from workflow.trail.notes import NotANote, Note, Verifier

_COLUMNS = (
    *("index", "hash", "event_id", "event__case__reference", "event__seq"),
    *("event__hash", "key__verifier", "key__hash", "entry_id", "entry__hash"),
)


@dataclass(slots=True)
class Log:
    """
    The log as it is read: its tree so far, whom to trust, and what is wrong.

    `witnessed`: the root that somebody else keeps for a size.
    """

    witnessed: dict[int, bytes] = field(default_factory=dict)
    tree: Frontier = field(default_factory=Frontier)
    trusted: list[Verifier] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def check(witnesses: Iterable[str] = ()) -> Log:
    """Check the whole log, and that it continues what witnesses have kept of it."""
    log = Log()
    for note in witnesses:
        try:
            _, size, root = Note.of(note).checkpoint
        except NotANote:
            log.problems.append("Un témoin est illisible.")
        else:
            log.witnessed[size] = root
    log.problems += _keys()
    _follow(log)
    log.problems += (
        f"workflow_checkpoint : le journal s’arrête à {log.tree.size} feuilles, et un "
        f"témoin en a vu {size}."
        for size in log.witnessed
        if size > log.tree.size
    )
    log.problems += _unsealed()
    log.problems += _unsealed_entries()
    return log


def _keys() -> Iterator[str]:
    """Find the keys whose columns contradict their declaration."""
    previous = None
    for key in SealingKey.objects.order_by("pk"):
        where = f"workflow_sealingkey {key.pk}, colonne"
        if bytes(key.hash) != sealing.declared(key.body):
            yield f"{where} hash : la déclaration a été modifiée."
        body = _declaration(key.body)
        if body.get("key") != key.verifier:
            yield f"{where} verifier : elle contredit la déclaration."
        if body.get("previous") != previous:
            yield f"{where} body : une autre clé la précède."
        if body.get("at") != canonical.moment(key.declared_at):
            yield f"{where} declared_at : elle contredit la déclaration."
        if not Leaf.objects.filter(key=key).exists():
            yield f"{where} id : sa déclaration n’est pas dans le journal."
        previous = key.verifier


def _declaration(body: str) -> dict[str, str | None]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _follow(log: Log) -> None:
    """Grow the tree leaf by leaf, and stop at each checkpoint."""
    # What is sealed meanwhile is for the next time.
    end = Checkpoint.objects.aggregate(end=Max("size", default=0))["end"]
    checkpoints = Checkpoint.objects.filter(size__lte=end).order_by("size").iterator()
    awaited, declared = next(checkpoints, None), list[str]()
    leaves = Leaf.objects.filter(index__lt=end).order_by("index")
    for line in leaves.values_list(*_COLUMNS).iterator():
        leaf = _Leaf(*line)
        if leaf.place != log.tree.size:
            log.problems.append(f"{leaf} : la feuille {log.tree.size} manque.")
            return
        log.problems += leaf.problems()
        declared += [leaf.key] if leaf.key else []
        log.tree.add(bytes(leaf.hash))
        while awaited is not None and awaited.size <= log.tree.size:
            log.problems += _contradicted(log, awaited, declared)
            declared = []
            awaited = next(checkpoints, None)
        _witness(log)
    if awaited is not None:
        log.problems.append(
            f"workflow_checkpoint {awaited.size} : la feuille {log.tree.size} manque."
        )
    log.problems += _unsigned_leaves()


def _unsigned_leaves() -> Iterator[str]:
    """Find the leaves above all checkpoints: they are committed with one above them."""
    above = Leaf.objects.order_by("-index").values_list("index", flat=True).first()
    end = Checkpoint.objects.aggregate(end=Max("size", default=0))["end"]
    if above is not None and above >= end:
        yield f"workflow_leaf {end} : aucun point de contrôle ne la signe."


def _witness(log: Log) -> None:
    """Compare the tree with what somebody else has seen of it at this size."""
    size = log.tree.size
    if size in log.witnessed and log.witnessed[size] != log.tree.root:
        log.problems.append(
            f"workflow_leaf {size - 1} : un témoin a vu une autre racine."
        )


class _Leaf(NamedTuple):
    place: int
    hash: bytes
    event: int | None
    reference: str | None
    seq: int | None
    of_event: bytes | None
    key: str | None
    of_key: bytes | None
    entry: int | None
    of_entry: bytes | None

    def __str__(self) -> str:
        return f"workflow_leaf {self.place}"

    def problems(self) -> Iterator[str]:
        """Find whether it is not the hash of what it seals."""
        what, expected = self._sealed()
        if expected is None or bytes(self.hash) != bytes(expected):
            yield f"{self}, colonne hash : ce n’est pas celle de {what}."

    def _sealed(self) -> tuple[str, bytes | None]:
        if self.event is not None:
            return f"l’événement {self.reference}/{self.seq}", self.of_event
        if self.entry is not None:
            return f"l’inscription {self.entry}", self.of_entry
        return "la clé", self.of_key


def _contradicted(
    log: Log, checkpoint: Checkpoint, declared: list[str]
) -> Iterator[str]:
    """Find what is false in a checkpoint, given the tree at its size."""
    where, tree = f"workflow_checkpoint {checkpoint.size}, colonne", log.tree
    if checkpoint.size != tree.size:
        yield f"{where} size : aucune feuille ne la porte."
        return
    if bytes(checkpoint.root) != tree.root:
        yield f"{where} root : les feuilles en donnent une autre."
    if bytes(checkpoint.peaks) != b"".join(tree.peaks):
        yield f"{where} peaks : les feuilles en donnent d’autres."
    text = notes.checkpoint(settings.TRAIL_ORIGIN, tree.size, tree.root, checkpoint.at)
    try:
        note = Note.of(checkpoint.note)
    except NotANote:
        yield f"{where} note : elle est illisible."
        return
    if note.text != text:
        yield f"{where} note : elle dit autre chose que les feuilles, ou que « at »."
    yield from _unsigned(log, note, where, declared)


def _unsigned(log: Log, note: Note, where: str, declared: list[str]) -> Iterator[str]:
    """Find whether nobody trusted signed; then trust the key declared below, if any."""
    below = [verifier for key in declared for verifier in _readable(key)]
    trusted = log.trusted or below[:1]
    for signature in note.signatures:
        alone = Note(note.text, (signature,))
        if not any(verifier.vouches(alone) for verifier in [*trusted, *below]):
            yield f"{where} note : une signature est fausse ({signature[1].hex()})."
    if not any(verifier.vouches(note) for verifier in trusted):
        yield f"{where} note : la clé du moment ne l’a pas signée."
    # The key that is succeeded does not sign any more.
    log.trusted = below[-1:] or trusted


def _readable(key: str) -> Iterator[Verifier]:
    with contextlib.suppress(NotANote):  # the columns of keys are examined apart
        yield Verifier.of(key)


def _unsealed() -> Iterator[str]:
    """Find the events that neither have a leaf nor wait for one, or both."""
    waiting = Exists(Unsealed.objects.filter(event=OuterRef("pk")))
    events = Event.objects.select_related("case").only("case__reference", "seq")
    for event in events.filter(~waiting, leaf=None):
        yield (
            f"workflow_event {event.case.reference}/{event.seq} : il n’est ni scellé, "
            "ni en attente de l’être."
        )
    for event in events.filter(waiting, leaf__isnull=False):
        yield (
            f"workflow_unsealed {event.pk} : l’événement {event.case.reference}/"
            f"{event.seq} est déjà scellé."
        )
    known = Exists(Event.objects.filter(pk=OuterRef("event_id")))
    for number in Unsealed.objects.filter(~known).values_list("pk", flat=True):
        yield f"workflow_unsealed {number} : il n’y a pas d’événement {number}."


def _unsealed_entries() -> Iterator[str]:
    """Find the same of the entries of the register."""
    waiting = Exists(UnsealedEntry.objects.filter(entry=OuterRef("pk")))
    entries = Entry.objects.values_list("pk", flat=True)
    for number in entries.filter(~waiting, leaf=None):
        yield (
            f"workflow_entry {number} : elle n’est ni scellée, ni en attente de l’être."
        )
    for number in entries.filter(waiting, leaf__isnull=False):
        yield f"workflow_unsealedentry {number} : l’inscription est déjà scellée."
    known = Exists(Entry.objects.filter(pk=OuterRef("entry_id")))
    for number in UnsealedEntry.objects.filter(~known).values_list("pk", flat=True):
        yield f"workflow_unsealedentry {number} : il n’y a pas cette inscription."
