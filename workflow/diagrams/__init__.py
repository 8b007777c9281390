"""Show a procedure: its picture, its tables, and the page that publishes them."""

from workflow.diagrams.mermaid import mermaid_of
from workflow.diagrams.powers import powers_of, rights_of
from workflow.diagrams.svg import Count, Focus, svg_of
from workflow.diagrams.tables import edits_of, moves_of, states_of, steps_of

__all__ = [
    "Count",
    "Focus",
    "edits_of",
    "mermaid_of",
    "moves_of",
    "powers_of",
    "rights_of",
    "states_of",
    "steps_of",
    "svg_of",
]
