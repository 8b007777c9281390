"""Show a procedure: its picture, its tables, and the page that publishes them."""

from workflow.diagrams.mermaid import mermaid_of
from workflow.diagrams.svg import Count, Focus, svg_of
from workflow.diagrams.tables import moves_of, states_of, steps_of

__all__ = [
    "Count",
    "Focus",
    "mermaid_of",
    "moves_of",
    "states_of",
    "steps_of",
    "svg_of",
]
