"""What each kind of body may decide of an operation, and what it asks to say so."""

from collections.abc import Mapping

from django.db.models import TextChoices

from flows.operation import State


class BodyKind(TextChoices):
    COMMITTEE = "committee", "Comité d’arrondissement"
    COPIL = "copil", "Comité de pilotage"
    FINANCERS = "financers", "Comité des financeurs"


class Decision(TextChoices):
    """A decision on one item; its value is the move it makes, if it makes one."""

    ENDORSE = "endorse", "Avis favorable"
    ADJOURN = "adjourn", "Ajournement"
    REFER = "refer_to_arbitration", "Renvoi en arbitrage"
    DECLINE = "decline", "Avis défavorable"
    VALIDATE = "validate", "Validation"
    RETURN = "return_to_review", "Renvoi en instruction"
    REJECT = "reject", "Rejet"
    SUPPORT = "support", "Financement soutenu"
    REVISIT = "revisit", "À réexaminer"


OFFERED: Mapping[str, tuple[Decision, ...]] = {
    BodyKind.COMMITTEE: (
        Decision.ENDORSE,
        Decision.ADJOURN,
        Decision.REFER,
        Decision.DECLINE,
    ),
    BodyKind.COPIL: (Decision.VALIDATE, Decision.RETURN, Decision.REJECT),
    BodyKind.FINANCERS: (Decision.SUPPORT, Decision.REVISIT),
}
"""What the members of each kind of body choose among, in the order of the screen."""

EXAMINED: Mapping[str, str] = {
    BodyKind.COMMITTEE: State.ON_AGENDA,
    BodyKind.COPIL: State.AWAITING_COPIL,
    BodyKind.FINANCERS: State.FUNDING,
}
"""The state in which an operation waits for each kind of body."""

KEYS: Mapping[str, str] = {
    Decision.ENDORSE: "f",
    Decision.ADJOURN: "j",
    Decision.REFER: "b",
    Decision.DECLINE: "d",
    Decision.VALIDATE: "v",
    Decision.RETURN: "r",
    Decision.REJECT: "x",
    Decision.SUPPORT: "f",
    Decision.REVISIT: "r",
}
"""The key that chooses each, with that of the browser for access keys."""

FAVOURABLE = frozenset({Decision.ENDORSE, Decision.VALIDATE, Decision.SUPPORT})
ADVISORY = frozenset({Decision.SUPPORT, Decision.REVISIT})
"""Those that are in the minutes and move nothing."""

BINDING = FAVOURABLE - ADVISORY
"""Those whose conditions are followed once the sitting is closed."""

REASONED = frozenset(Decision) - FAVOURABLE
"""Those that need a written reason."""


def offered(kind: str, decision: str) -> bool:
    """Tell whether a body of this kind may decide so."""
    return decision in OFFERED[kind]
