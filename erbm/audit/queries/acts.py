"""What happens to cases, by the names under which the trail keeps it."""

from collections.abc import Iterator

from erbm.cases.kinds import KINDS_ABOUT, PLAIN_KINDS, TASK_KINDS
from workflow import outbox
from workflow.cases import bound_processes
from workflow.trail import erasure
from workflow.trail.verify import MIGRATED

MOVE, KIND = "geste", "nature"
BETWEEN = "."
OTHER_KINDS = {
    "signature": "Signature recueillie",
    "priority": "Priorité donnée",
    outbox.ESCALATED: "Relance ou signalement",
    MIGRATED: "Changement de version des règles",
    erasure.KIND: "Textes effacés",
}
Choice = tuple[str, str]


def choices() -> list[tuple[str, list[Choice]]]:
    """Return what may have happened: the moves, then the rest."""
    moves = sorted(_moves().items(), key=lambda move: move[1].casefold())
    kinds = sorted(_kinds(), key=lambda kind: kind[1].casefold())
    return [
        ("Gestes", [(f"{MOVE}{BETWEEN}{name}", label) for name, label in moves]),
        ("Autres", [(f"{KIND}{BETWEEN}{name}", label) for name, label in kinds]),
    ]


def label(name: str) -> str:
    """Name a move, an edit or a kind of event, chosen in a search or told alone."""
    plain = name.partition(BETWEEN)[2] or name
    return {**dict(_kinds()), **_moves()}.get(plain, name)


def _moves() -> dict[str, str]:
    """Name each move and each edit, by every name that a procedure gives it."""
    names = dict[str, list[str]]()
    for process in bound_processes():
        acts = [(move.name, move.label) for move in process.moves]
        acts += [(edit.name, edit.label) for edit in process.edits]
        for name, label in acts:
            if label not in names.setdefault(name, []):
                names[name].append(label)
    return {name: " / ".join(labels) for name, labels in names.items()}


def _kinds() -> Iterator[Choice]:
    yield from PLAIN_KINDS.items()
    yield from TASK_KINDS.items()
    yield from ((kind, label) for kind, (label, _) in KINDS_ABOUT.items())
    yield from OTHER_KINDS.items()
