"""Whose opinion is heard on an operation, what is agreed to, and who stands apart."""

from flows.roles import Role
from workflow.opinions import Meaning, Opinions
from workflow.process import Fact

OPINIONS = Opinions(
    name="opinions",
    label="avis",
    answer="direction",
    meanings=(
        ("favourable", Meaning.FAVOURABLE),
        ("with_reservations", Meaning.FAVOURABLE),
        ("unfavourable", Meaning.UNFAVOURABLE),
    ),
    silence=Meaning.NEUTRAL,  # (default) a rule of consultation may say otherwise
)
"""What the services say of an operation: all are awaited, none bars the way."""

APPROVED = (
    Fact("cost_cents", "le coût"),
    Fact("planned_lines", "le plan de financement"),
    Fact("dwellings_before", "les logements avant travaux"),
    Fact("dwellings_after", "les logements après travaux"),
)
"""What the COPIL agrees to; the owner of an operation never changes."""

APART = (Role.OWNER,)
"""Whose people take no part in what is decided of an operation."""
