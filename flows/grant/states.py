"""The states of a grant, and the stage to which each belongs."""

from django.db.models import TextChoices

from flows.roles import Role
from flows.stages import Stage


class State(TextChoices):
    REQUESTED = "requested", "Demandée"
    INCOMPLETE = "incomplete", "Pièces demandées"
    COMPLETE = "complete", "Complète"
    PROGRAMMED = "programmed", "Programmée"
    AWARDED = "awarded", "Attribuée"
    NOTIFIED = "notified", "Notifiée"
    COMMITTED = "committed", "Engagée"
    IN_PROGRESS = "in_progress", "En cours"
    COMPLETED = "completed", "Achevée"
    SERVICE_CERTIFIED = "service_certified", "Service fait"
    SETTLED = "settled", "Soldée"
    CLOSED = "closed", "Clôturée"
    HEARING = "hearing", "Contradictoire ouvert"
    STOPPED = "stopped", "Arrêtée avec l’opération"
    REFUSED = "refused", "Refusée"
    DISMISSED = "dismissed", "Sans suite"
    IMPLICITLY_REJECTED = "implicitly_rejected", "Rejet implicite"
    LAPSED = "lapsed", "Caduque"
    LIQUIDATED = "liquidated", "Liquidée"
    CLAWBACK = "clawback", "Reversement demandé"
    REPAID = "repaid", "Reversée"
    WITHDRAWN = "withdrawn", "Retirée"


STAGES = {
    State.REQUESTED: Stage.FUNDING,
    State.INCOMPLETE: Stage.FUNDING,
    State.COMPLETE: Stage.FUNDING,
    State.PROGRAMMED: Stage.FUNDING,
    State.AWARDED: Stage.FUNDING,
    State.NOTIFIED: Stage.FUNDING,
    State.COMMITTED: Stage.FUNDING,
    State.IN_PROGRESS: Stage.DELIVERY,
    State.COMPLETED: Stage.DELIVERY,
    State.SERVICE_CERTIFIED: Stage.DELIVERY,
    State.SETTLED: Stage.DELIVERY,
    State.LIQUIDATED: Stage.DELIVERY,
    State.CLAWBACK: Stage.DELIVERY,
    State.HEARING: Stage.ASIDE,
    State.STOPPED: Stage.ASIDE,
    State.CLOSED: Stage.END,
    State.REFUSED: Stage.END,
    State.DISMISSED: Stage.END,
    State.IMPLICITLY_REJECTED: Stage.END,
    State.LAPSED: Stage.END,
    State.REPAID: Stage.END,
    State.WITHDRAWN: Stage.END,
}
FINAL = frozenset(state for state, stage in STAGES.items() if stage == Stage.END)
BEFORE_PROGRAMMING = frozenset({State.REQUESTED, State.INCOMPLETE, State.COMPLETE})
"""The states in which no money is reserved for it by itself."""
UNDECIDED = BEFORE_PROGRAMMING | {State.PROGRAMMED}
HELD = frozenset(
    {
        State.NOTIFIED,
        State.COMMITTED,
        State.IN_PROGRESS,
        State.COMPLETED,
        State.SERVICE_CERTIFIED,
        State.SETTLED,
        State.CLOSED,
    }
)
"""The states in which the owner holds a grant that was notified to it."""
EMPTY_HANDED = frozenset(
    {State.REFUSED, State.DISMISSED, State.IMPLICITLY_REJECTED, State.WITHDRAWN}
)
"""The states in which nothing was ever notified: the line may be asked for again."""
READERS = frozenset(
    {
        Role.AUDITOR,
        Role.PROJECT_DIRECTOR,
        Role.PREFECT,
        Role.COPIL_STATE,
        Role.COPIL_REGION,
        Role.SUB_PREFECT,
        Role.COMMITTEE_SECRETARY,
    }
)
OWNER = (Role.OWNER,)
