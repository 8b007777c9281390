"""The tree of RFC 9162, section 2.1: its root, and proofs that something is in it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

EMPTY = hashlib.sha256(b"").digest()


def leaf(entry: bytes) -> bytes:
    """Return the hash of an entry of the log."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(slots=True)
class Frontier:
    """A tree that only grows: the roots of its perfect subtrees, the largest first."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def add(self, entry: bytes) -> None:
        """Append one entry."""
        grown, below = leaf(entry), self.size
        while below & 1:
            grown, below = node(self.peaks.pop(), grown), below >> 1
        self.peaks.append(grown)
        self.size += 1

    @property
    def root(self) -> bytes:
        if not self.peaks:
            return EMPTY
        *others, root = self.peaks
        for peak in reversed(others):
            root = node(peak, root)
        return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over hashes of leaves."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY
    cut = _cut(len(leaves))
    return node(root_of(leaves[:cut]), root_of(leaves[cut:]))


def inclusion(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Prove that the leaf of this index is under the root (section 2.1.3.1)."""
    if len(leaves) == 1:
        return []
    cut = _cut(len(leaves))
    if index < cut:
        return [*inclusion(leaves[:cut], index), root_of(leaves[cut:])]
    return [*inclusion(leaves[cut:], index - cut), root_of(leaves[:cut])]


def consistency(leaves: Sequence[bytes], size: int) -> list[bytes]:
    """Prove that the first leaves are those of a smaller tree (section 2.1.4.1)."""
    return _consistency(leaves, size, is_whole=True)


def _consistency(leaves: Sequence[bytes], size: int, *, is_whole: bool) -> list[bytes]:
    if size == len(leaves):
        return [] if is_whole else [root_of(leaves)]
    cut = _cut(len(leaves))
    if size <= cut:
        proof = _consistency(leaves[:cut], size, is_whole=is_whole)
        return [*proof, root_of(leaves[cut:])]
    proof = _consistency(leaves[cut:], size - cut, is_whole=False)
    return [*proof, root_of(leaves[:cut])]


def _cut(size: int) -> int:
    """Return the largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1


def is_included(
    entry: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Check a proof of inclusion (section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    first, last, found = index, size - 1, leaf(entry)
    for step in proof:
        if not last:
            return False
        if first & 1 or first == last:
            found = node(step, found)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            found = node(found, step)
        first, last = first >> 1, last >> 1
    return not last and found == root


def is_consistent(
    smaller: tuple[int, bytes], larger: tuple[int, bytes], proof: Sequence[bytes]
) -> bool:
    """Check that a tree continues a smaller one (section 2.1.4.2): sizes and roots."""
    (size, old_root), (larger_size, root) = smaller, larger
    if size == larger_size:
        return not proof and old_root == root
    if not 0 < size < larger_size:
        return False
    steps = [old_root, *proof] if size & (size - 1) == 0 else [*proof]
    found = _rebuilt(size - 1, larger_size - 1, steps) if steps else None
    return found == (old_root, root)


def _rebuilt(
    first: int, last: int, steps: Sequence[bytes]
) -> tuple[bytes, bytes] | None:
    """Return the roots that a proof of consistency leads to."""
    while first & 1:
        first, last = first >> 1, last >> 1
    old, new = steps[0], steps[0]
    for step in steps[1:]:
        if not last:
            return None
        if first & 1 or first == last:
            old, new = node(step, old), node(step, new)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            new = node(new, step)
        first, last = first >> 1, last >> 1
    return None if last else (old, new)
