"""Write the picture of a procedure for Mermaid, which forges show within Markdown."""

from collections.abc import Iterator

from workflow.diagrams import words
from workflow.diagrams.layout import asides, is_noted, links, stays
from workflow.process import Move, Process


def mermaid_of(process: Process) -> str:
    """Return a `stateDiagram-v2`: the same arrows and notes as in the picture."""
    states = [str(value) for value in process.states.values]
    lines = [
        *(f'state "{process.state_label(state)}" as {state}' for state in states),
        f"[*] --> {process.initial}",
        *_arrows(process),
        *(line for state in states for line in _loops(process, state)),
        *(f"{end} --> [*]" for end in states if end in process.final),
        *(line for state in states for line in _note(process, state)),
    ]
    return "\n".join(["stateDiagram-v2", *(f"    {line}" for line in lines)])


def _arrows(process: Process) -> Iterator[str]:
    for link in links(process):
        label = ", ".join(_numbered(process, move) for move in link.moves)
        yield f"{link.source} --> {link.target}: {label}"


def _loops(process: Process, state: str) -> Iterator[str]:
    for move in process.moves_from(state):
        if stays(move, state):
            yield f"{state} --> {state}: {_numbered(process, move)}"


def _note(process: Process, state: str) -> Iterator[str]:
    """Tell the moves without an arrow where they arrive, and how a pause ends."""
    told = [
        f"    {_numbered(process, move)} : {words.way(process, move, state)}"
        for move in process.moves
        if is_noted(process, move)
        and (move.target == state or state in asides(process) & move.source)
    ]
    if told:
        yield from (f"note right of {state}", *told, "end note")


def _numbered(process: Process, move: Move) -> str:
    return f"{process.moves.index(move) + 1}. {move.label}"
