"""What the log proves: of one event, of one case, of what somebody else kept of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from workflow.models import Case, Checkpoint, Event, Leaf, SealingKey, Unsealed
from workflow.trail import chain, merkle
from workflow.trail.notes import NotANote, Note, Verifier


@dataclass(frozen=True, slots=True)
class Inclusion:
    """The proof that an event is under the root of a checkpoint (RFC 9162)."""

    index: int
    checkpoint: Checkpoint
    path: tuple[bytes, ...]
    holds: bool


class Tree:
    """The leaves as they are now, up to the size of the latest checkpoint."""

    def __init__(self) -> None:
        self.latest = Checkpoint.objects.order_by("-size").first()

    @property
    def size(self) -> int:
        return self.latest.size if self.latest else 0

    @cached_property
    def leaves(self) -> Sequence[bytes]:
        """The hash of each leaf; those torn out leave the others in a wrong place."""
        found = Leaf.objects.filter(index__lt=self.size).order_by("index")
        hashes = found.values_list("hash", flat=True).iterator(chunk_size=10_000)
        return [merkle.leaf(bytes(entry)) for entry in hashes]

    @cached_property
    def root(self) -> bytes:
        return merkle.root_of(self.leaves)

    def problems(self) -> Iterator[str]:
        """Find what is false in the latest checkpoint."""
        if self.latest is None:
            return
        where = f"workflow_checkpoint {self.size}, colonne"
        if len(self.leaves) != self.size:
            yield f"workflow_leaf : {self.size - len(self.leaves)} feuille(s) manquent."
        elif bytes(self.latest.root) != self.root:
            yield f"{where} root : les feuilles en donnent une autre."
        try:
            note = Note.of(self.latest.note)
            said = note.checkpoint
        except NotANote:
            yield f"{where} note : elle est illisible."
            return
        if said != (settings.TRAIL_ORIGIN, self.size, self.root):
            yield f"{where} note : elle dit autre chose que les feuilles."
        if not signatories(note):
            yield f"{where} note : aucune clé du journal ne l’a signée."


def signatories(note: Note) -> list[SealingKey]:
    """Return the keys of the log that signed a note."""
    found = []
    for key in SealingKey.objects.order_by("pk"):
        try:
            if Verifier.of(key.verifier).vouches(note):
                found.append(key)
        except NotANote:  # a key that was altered: the verification of the log says so
            continue
    return found


def inclusion_of(event: Event) -> Inclusion | None:
    """Prove that an event is in the log; none as long as no checkpoint signs it."""
    leaf = Leaf.objects.filter(event=event).first()
    tree = Tree()
    if leaf is None or tree.latest is None or leaf.index >= len(tree.leaves):
        return None
    path = merkle.inclusion(tree.leaves, leaf.index)
    # That of the event as it reads now, whatever its column says.
    entry = chain.link(bytes(event.previous_hash), event.body)
    root = bytes(tree.latest.root)
    holds = merkle.is_included(entry, leaf.index, tree.size, path, root)
    return Inclusion(leaf.index, tree.latest, tuple(path), holds)


@dataclass(frozen=True, slots=True)
class Sealed:
    """What the log says of the events of a case.

    - `sealed`: how many are under the latest checkpoint, `waiting`: how many wait;
    - `problems`: one sentence a fault, none if all is well.
    """

    size: int
    sealed: int
    waiting: int
    problems: tuple[str, ...]


def problems_of(cases: QuerySet[Case]) -> Iterator[str]:
    """Find what is false in the latest checkpoint, and where these cases are in it."""
    tree = Tree()
    yield from tree.problems()
    for case in cases.order_by("pk").iterator():
        yield from _sealed(case, tree).problems


def seals_of(case: Case) -> Sealed:
    """Check that each event of a case has its leaf, under the latest checkpoint."""
    tree = Tree()
    found = _sealed(case, tree)
    return replace(found, problems=(*tree.problems(), *found.problems))


def _sealed(case: Case, tree: Tree) -> Sealed:
    sealed, waiting, problems = 0, 0, list[str]()
    waits = Exists(Unsealed.objects.filter(event=OuterRef("pk")))
    rows = Event.objects.filter(case=case).annotate(waits=waits).order_by("seq")
    columns = ("seq", "hash", "leaf__index", "leaf__hash", "waits")
    for seq, found, index, entry, waited in rows.values_list(*columns):
        where = f"workflow_event {case.reference}/{seq}"
        if index is None:
            waiting += waited
            if not waited:
                problems.append(f"{where} : ni scellé, ni en attente de l’être.")
        elif bytes(entry) != bytes(found):
            problems.append(
                f"workflow_leaf {index}, colonne hash : ce n’est pas celle de "
                f"l’événement {case.reference}/{seq}."
            )
        elif index >= tree.size and not _is_signed(index):
            problems.append(
                f"workflow_leaf {index} : aucun point de contrôle ne la signe."
            )
        else:
            sealed += 1
    return Sealed(tree.size, sealed, waiting, tuple(problems))


def _is_signed(index: int) -> bool:
    """Tell whether a checkpoint made meanwhile signs a leaf."""
    return Checkpoint.objects.filter(size__gt=index).exists()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What somebody kept of the log, beside the log as it is now.

    - `size`: that of the log now; `root`: its own at the size of the note, if it
      goes so far;
    - `consistent`: what the latest checkpoint signs continues what the note signs;
    - `keys`: the keys of the log that signed the note.
    """

    origin: str
    noted_size: int
    noted_root: bytes
    size: int
    root: bytes | None
    consistent: bool
    keys: tuple[SealingKey, ...]

    @property
    def is_of_this_log(self) -> bool:
        return bool(self.origin == settings.TRAIL_ORIGIN)

    @property
    def is_ahead(self) -> bool:
        """Somebody saw more leaves than there are now."""
        return self.noted_size > self.size

    @property
    def agrees(self) -> bool:
        return self.root == self.noted_root and self.consistent


def compare(text: str) -> Comparison:
    """
    Compare a signed note with the log.

    :raises NotANote: if the text is not the signed note of a checkpoint
    """
    note = Note.of(text)
    origin, size, root = note.checkpoint
    if size < 0 or len(root) != 32:
        raise NotANote(text)
    tree = Tree()
    if size > len(tree.leaves):
        ours, consistent = None, False
    else:
        ours = merkle.root_of(tree.leaves[:size])
        consistent = _continues(tree, size, ours)
    keys = tuple(signatories(note))
    return Comparison(origin, size, root, tree.size, ours, consistent, keys)


def _continues(tree: Tree, size: int, root: bytes) -> bool:
    """Tell whether the latest checkpoint continues the tree of this size."""
    if tree.latest is None or size == 0:
        return size == 0
    proof = merkle.consistency(tree.leaves, size)
    latest = (tree.size, bytes(tree.latest.root))
    return merkle.is_consistent((size, root), latest, proof)
