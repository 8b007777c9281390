"""Our tree is that of RFC 9162: another implementation agrees, and refuses with it."""

import itertools

import pymerkle
import pytest

from workflow.trail import merkle

ENTRIES = [f"entrée {n}".encode() for n in range(70)]
LEAVES = [merkle.leaf(entry) for entry in ENTRIES]


@pytest.fixture(scope="module")
def oracle():
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for entry in ENTRIES:
        tree.append_entry(entry)
    return tree


def grown(size):
    tree = merkle.Frontier()
    for entry in ENTRIES[:size]:
        tree.add(entry)
    return tree


@pytest.mark.parametrize("size", range(len(ENTRIES) + 1))
def test_the_roots_are_those_of_another_implementation(oracle, size):
    assert grown(size).root == oracle.get_root(size) == merkle.root_of(LEAVES[:size])


def test_every_entry_is_proved_under_every_root():
    for size in range(1, 40):
        root = merkle.root_of(LEAVES[:size])
        for index in range(size):
            proof = merkle.inclusion(LEAVES[:size], index)
            assert merkle.is_included(ENTRIES[index], index, size, proof, root)
            for other in {0, index + 1, size - 1} - {index}:
                assert not merkle.is_included(ENTRIES[other], index, size, proof, root)
            for step in range(len(proof)):
                forged = [*proof[:step], bytes(32), *proof[step + 1 :]]
                assert not merkle.is_included(ENTRIES[index], index, size, forged, root)


def test_every_root_is_proved_to_continue_every_smaller_one():
    for small, large in itertools.combinations(range(1, 40), 2):
        proof = merkle.consistency(LEAVES[:large], small)
        old, new = grown(small).root, grown(large).root
        assert merkle.is_consistent((small, old), (large, new), proof)
        assert not merkle.is_consistent((small, bytes(32)), (large, new), proof)
        assert not merkle.is_consistent((small, old), (large, bytes(32)), proof)
        assert not merkle.is_consistent((small, old), (large, new), proof[:-1])


def test_a_tree_continues_itself():
    root = grown(7).root

    assert merkle.is_consistent((7, root), (7, root), [])
    assert not merkle.is_consistent((7, root), (7, bytes(32)), [])
    assert not merkle.is_consistent((8, root), (7, root), [])
