"""What every operation of the ERBM goes through: the states and moves in common.

The two procedures, rehabilitation and subsidised project, add what is their own.
Durations and rates marked *(default)* in the comments have no source that binds:
they are the programme's habits, to become settings by scheme and year.
"""

from collections.abc import Mapping
from typing import Any

from django.db.models import TextChoices

from flows import conditions, hearings
from flows.roles import Role
from flows.stages import Stage
from workflow.deadlines import Delay, Months
from workflow.process import (
    BACK,
    STAY,
    Input,
    InputKind,
    Move,
    any_of,
    both,
    in_order,
    input_rule,
)


class State(TextChoices):
    DRAFT = "draft", "Brouillon"
    PROPOSED = "proposed", "Proposée"
    INCOMPLETE = "incomplete", "À compléter"
    UNDER_REVIEW = "under_review", "En instruction"
    ON_AGENDA = "on_agenda", "En comité d’arrondissement"
    ARBITRATION = "arbitration", "À arbitrer"
    AWAITING_COPIL = "awaiting_copil", "Soumise au COPIL"
    FUNDING = "funding", "Financement en cours"
    FUNDED = "funded", "Financée"
    IN_PROGRESS = "in_progress", "En travaux"
    DELIVERED = "delivered", "Livrée"
    CLOSED = "closed", "Clôturée"
    REJECTED = "rejected", "Écartée"
    WITHDRAWN = "withdrawn", "Retirée"
    ABANDONED = "abandoned", "Abandonnée"
    LAPSED = "lapsed", "Caduque"
    SUSPENDED = "suspended", "Suspendue"


STAGES = {
    State.DRAFT: Stage.PROPOSAL,
    State.PROPOSED: Stage.PROPOSAL,
    State.INCOMPLETE: Stage.PROPOSAL,
    State.UNDER_REVIEW: Stage.PROPOSAL,
    State.ON_AGENDA: Stage.COMMITTEE,
    State.ARBITRATION: Stage.COMMITTEE,
    State.AWAITING_COPIL: Stage.COPIL,
    State.FUNDING: Stage.FUNDING,
    State.FUNDED: Stage.FUNDING,
    State.IN_PROGRESS: Stage.DELIVERY,
    State.DELIVERED: Stage.DELIVERY,
    State.CLOSED: Stage.END,
    State.REJECTED: Stage.END,
    State.WITHDRAWN: Stage.END,
    State.ABANDONED: Stage.END,
    State.LAPSED: Stage.END,
    State.SUSPENDED: Stage.ASIDE,
}
FINAL = frozenset(
    {State.CLOSED, State.REJECTED, State.WITHDRAWN, State.ABANDONED, State.LAPSED}
)
RUNNING = frozenset(State) - FINAL - {State.SUSPENDED}
BEFORE_OPINIONS = frozenset({State.DRAFT, State.PROPOSED, State.INCOMPLETE})
"""While whom one consults follows from the facts, for nobody has been asked yet."""

REPORTED_EVERY = Months(3)  # (default)
"""How often the owner says how the works go."""

READERS = frozenset(
    {
        Role.AUDITOR,
        Role.PROJECT_DIRECTOR,
        Role.PREFECT,
        Role.COPIL_STATE,
        Role.COPIL_REGION,
        Role.FUNDER,
        Role.SUB_PREFECT,
        Role.COMMITTEE_SECRETARY,
        Role.COMMITTEE_MEMBER,
    }
)


SITTING_ON = Input("sitting_on", "Date de la séance", InputKind.DAY)
EARLY_START = Input(
    "early_start",
    "Commencement des travaux",
    InputKind.CHOICE,
    choices=(
        ("none", "Aucun commencement avant la date permise"),
        (conditions.WAIVED, "Commencement anticipé, dérogation jointe au dossier"),
    ),
)

SUPPLY_DOCUMENTS = Move(
    name="supply_documents",
    label="Transmettre les pièces demandées",
    source=frozenset({State.INCOMPLETE}),
    target=State.PROPOSED,
    by=any_of(Role.OWNER),
    # The owner may have changed facts and plan since the submission.
    requires=(
        conditions.requests_are_answered,
        conditions.facts_are_complete,
        conditions.plan_is_balanced,
        conditions.aid_is_within_ceilings,
    ),
    consequence="Le dossier repart en vérification ; le délai reprend.",
    basis="CRPA, art. L. 114-5",
)
ASK_FOR_DOCUMENTS = Move(
    name="ask_for_documents",
    label="Demander des pièces",
    source=frozenset({State.PROPOSED}),
    target=State.INCOMPLETE,
    by=any_of(Role.LEAD_SERVICE),
    inputs=(
        Input(
            "documents",
            "Pièces demandées",
            InputKind.TEXT,
            help="Une pièce par ligne.",
        ),
        Input("answer_by", "À fournir avant le", InputKind.DAY),
    ),
    reason=True,
    pauses=True,
    consequence="Le porteur est prévenu ; le délai de vérification s’arrête.",
    basis="CRPA, art. L. 114-5",
)
DECLARE_COMPLETE = Move(
    name="declare_complete",
    label="Déclarer le dossier complet",
    source=frozenset({State.PROPOSED}),
    target=State.UNDER_REVIEW,
    by=any_of(Role.LEAD_SERVICE),
    inputs=(EARLY_START,),
    input_rules=(conditions.waiver_is_joined,),
    apart_from=("submit",),
    apart_from_unit=hearings.APART,
    consequence="L’instruction s’ouvre et les avis sont demandés.",
    basis="CGCT, art. R. 2334-23 et R. 2334-24",
)
GIVE_OPINION = Move(
    name="give_opinion",
    label="Rendre un avis",
    # An opinion that comes late is still joined to the file.
    source=frozenset(
        {
            State.UNDER_REVIEW,
            State.ON_AGENDA,
            State.ARBITRATION,
            State.AWAITING_COPIL,
        }
    ),
    target=STAY,
    by=any_of(Role.CONSULTED),
    inputs=hearings.SAID,
    input_rules=(hearings.conditions_can_be_read,),
    apart_from=("submit",),
    apart_from_unit=hearings.APART,
    answers=hearings.OPINIONS,
    consequence="Votre avis est joint au dossier.",
)
ENTER_AGENDA = Move(
    name="enter_agenda",
    label="Inscrire à l’ordre du jour du comité",
    source=frozenset({State.UNDER_REVIEW}),
    target=State.ON_AGENDA,
    by=any_of(Role.LEAD_SERVICE),
    awaits=(hearings.OPINIONS,),
    apart_from_unit=hearings.APART,
    inputs=(
        Input("report", "Rapport d’instruction", InputKind.TEXT),
        Input("planned_on", "Séance visée", InputKind.DAY),
    ),
    consequence="Le comité d’arrondissement est saisi.",
)
ENDORSE = Move(
    name="endorse",
    label="Consigner l’avis favorable du comité",
    source=frozenset({State.ON_AGENDA}),
    target=State.AWAITING_COPIL,
    by=any_of(Role.COMMITTEE_SECRETARY, Role.SUB_PREFECT),
    inputs=(
        SITTING_ON,
        Input(
            "quorum",
            "Le quorum était atteint et aucun conflit d’intérêts n’est resté tu",
            InputKind.YES,
        ),
    ),
    apart_from=("submit",),
    apart_from_unit=hearings.APART,
    consequence="L’opération est soumise au COPIL.",
)
ADJOURN = Move(
    name="adjourn",
    label="Consigner l’ajournement",
    source=frozenset({State.ON_AGENDA}),
    target=State.UNDER_REVIEW,
    by=any_of(Role.COMMITTEE_SECRETARY, Role.SUB_PREFECT),
    inputs=(SITTING_ON, Input("planned_on", "Séance suivante", InputKind.DAY)),
    reason=True,
    consequence="L’opération retourne en instruction.",
)
REFER_TO_ARBITRATION = Move(
    name="refer_to_arbitration",
    label="Renvoyer en arbitrage",
    source=frozenset({State.ON_AGENDA}),
    target=State.ARBITRATION,
    by=any_of(Role.COMMITTEE_SECRETARY, Role.SUB_PREFECT, Role.LEAD_SERVICE),
    inputs=(
        Input("position_for", "Position favorable", InputKind.TEXT),
        Input("position_against", "Position défavorable", InputKind.TEXT),
    ),
    reason=True,
    consequence="Le sous-préfet est saisi ; il a quinze jours.",
)
DECLINE = Move(
    name="decline",
    label="Consigner l’avis défavorable du comité",
    source=frozenset({State.ON_AGENDA}),
    target=State.REJECTED,
    by=any_of(Role.COMMITTEE_SECRETARY, Role.SUB_PREFECT),
    inputs=(SITTING_ON,),
    reason=True,
    apart_from=("submit",),
    apart_from_unit=hearings.APART,
    consequence="L’opération est écartée ; le porteur est prévenu.",
)


def _arbitration(name: str, label: str, target: State, consequence: str) -> Move:
    return Move(
        name=name,
        label=label,
        source=frozenset({State.ARBITRATION}),
        target=target,
        by=any_of(Role.SUB_PREFECT),
        reason=True,
        reauthenticate=True,
        apart_from=("submit",),
        apart_from_unit=hearings.APART,
        consequence=consequence,
    )


ARBITRATE_FOR = _arbitration(
    "arbitrate_for",
    "Arbitrer en faveur de l’opération",
    State.AWAITING_COPIL,
    "L’opération est soumise au COPIL.",
)
ARBITRATE_BACK = _arbitration(
    "arbitrate_back",
    "Renvoyer en instruction",
    State.UNDER_REVIEW,
    "Le chef de file reprend l’instruction.",
)
ARBITRATE_AGAINST = _arbitration(
    "arbitrate_against",
    "Arbitrer contre l’opération",
    State.REJECTED,
    "L’opération est écartée ; le porteur est prévenu.",
)
RETURN_TO_REVIEW = Move(
    name="return_to_review",
    label="Renvoyer en instruction",
    source=frozenset({State.AWAITING_COPIL}),
    target=State.UNDER_REVIEW,
    by=any_of(Role.COPIL_STATE, Role.COPIL_REGION),
    inputs=(SITTING_ON,),
    reason=True,
    consequence="L’opération retourne en instruction ; les accords donnés tombent.",
)
REJECT = Move(
    name="reject",
    label="Écarter l’opération",
    source=frozenset({State.AWAITING_COPIL}),
    target=State.REJECTED,
    by=both(Role.COPIL_STATE, Role.COPIL_REGION),
    inputs=(SITTING_ON,),
    reason=True,
    apart_from=("submit",),
    consequence="L’opération est écartée quand les deux coprésidents l’ont signé.",
)
CONFIRM_FUNDING = Move(
    name="confirm_funding",
    label="Confirmer le financement",
    source=frozenset({State.FUNDING}),
    target=State.FUNDED,
    by=any_of(Role.FUNDER),
    requires=(
        conditions.plan_is_balanced,
        conditions.plan_is_notified,
        conditions.aid_is_within_ceilings,
    ),
    inputs=(EARLY_START,),
    input_rules=(conditions.waiver_is_joined,),
    apart_from=("submit",),
    apart_from_unit=hearings.APART,
    consequence="L’opération est financée ; le délai pour commencer court.",
    basis="Décret n° 2018-514, art. 8 ; CGCT, art. R. 2334-27 et R. 2334-28",
)
RETURN_TO_COPIL = Move(
    name="return_to_copil",
    label="Soumettre de nouveau au COPIL",
    source=frozenset({State.FUNDING}),
    target=State.AWAITING_COPIL,
    by=any_of(Role.LEAD_SERVICE, Role.PROJECT_DIRECTOR),
    reason=True,
    apart_from=("submit",),
    apart_from_unit=hearings.APART,
    voids=("validate",),
    consequence="La validation tombe ; le plan peut être corrigé, puis validé.",
)
DELIVER_CONSEQUENCE = "Le service chef de file est appelé à viser la livraison."
REFUSE_VISA = Move(
    name="refuse_visa",
    label="Refuser le visa de livraison",
    source=frozenset({State.IN_PROGRESS}),
    target=State.IN_PROGRESS,
    by=any_of(Role.LEAD_SERVICE),
    reason=True,
    strikes="deliver",
    consequence="La déclaration de livraison du porteur est rayée.",
)
ATTEST_SETTLEMENT = Move(
    name="attest_settlement",
    label="Attester que les aides sont soldées",
    source=frozenset({State.DELIVERED}),
    target=STAY,
    by=any_of(Role.FUNDER),
    requires=(conditions.plan_is_settled,),
    apart_from=("submit",),
    apart_from_unit=hearings.APART,
    consequence="Le chef de file peut clôturer l’opération.",
)
CLOSE = Move(
    name="close",
    label="Clôturer l’opération",
    source=frozenset({State.DELIVERED}),
    target=State.CLOSED,
    by=any_of(Role.LEAD_SERVICE),
    requires=(conditions.plan_is_settled,),
    inputs=(
        Input(
            "insertion_hours",
            "Heures d’insertion réalisées",
            InputKind.COUNT,
            required=False,
        ),
    ),
    apart_from=("submit",),
    apart_from_unit=hearings.APART,
    consequence="L’opération est close.",
)
SUSPEND = Move(
    name="suspend",
    label="Suspendre l’opération",
    source=RUNNING,
    target=State.SUSPENDED,
    by=any_of(Role.LEAD_SERVICE),
    reason=True,
    pauses=True,
    consequence="Toutes les tâches et leurs délais s’arrêtent.",
)
RESUME = Move(
    name="resume",
    label="Reprendre l’opération",
    source=frozenset({State.SUSPENDED}),
    target=BACK,
    by=any_of(Role.LEAD_SERVICE),
    reason=True,
    consequence="Les tâches reprennent où elles étaient ; les délais sont décalés.",
)
WITHDRAW = Move(
    name="withdraw",
    label="Retirer l’opération",
    source=RUNNING - conditions.AWARDED | {State.SUSPENDED},
    target=State.WITHDRAWN,
    by=any_of(Role.OWNER),
    requires=(conditions.not_awarded_before_the_pause,),
    reason=True,
    consequence="L’opération est retirée ; il n’y sera plus donné suite.",
)
ABANDON = Move(
    name="abandon",
    label="Abandonner l’opération",
    source=frozenset({State.FUNDING, State.FUNDED, State.IN_PROGRESS}),
    target=State.ABANDONED,
    by=in_order(Role.OWNER, Role.SUB_PREFECT),
    reason=True,
    consequence="L’abandon prend effet quand le sous-préfet l’a signé à son tour.",
)
REFUSE_ABANDONMENT = Move(
    name="refuse_abandonment",
    label="Refuser l’abandon",
    source=ABANDON.source,
    target=STAY,
    by=any_of(Role.SUB_PREFECT),
    reason=True,
    strikes="abandon",
    consequence="La demande d’abandon du porteur est rayée.",
)


def extension(ceilings: Mapping[State, Delay]) -> Move:
    """Declare the extension of the delay that runs, with its ceiling in each state."""

    @input_rule("la prorogation allonge le délai, dans la limite du plafond")
    def is_within_ceiling(
        operation: conditions.Approvable, said: Mapping[str, Any]
    ) -> dict[str, str]:
        deadline = operation.deadline_on
        if deadline is None:
            return {"until": "Aucun délai ne court."}
        latest = ceilings[State(operation.case.state)].after(deadline)
        if deadline < said["until"] <= latest:
            return {}
        return {
            "until": f"La nouvelle échéance va du {deadline:%d/%m/%Y}, exclu, "
            f"au {latest:%d/%m/%Y}."
        }

    return Move(
        name="extend",
        label="Proroger le délai",
        source=frozenset(ceilings),
        target=STAY,
        by=any_of(Role.PREFECT),
        requires=(conditions.never_extended,),
        inputs=(Input("until", "Nouvelle échéance", InputKind.DAY),),
        input_rules=(is_within_ceiling,),
        reason=True,
        apart_from=("submit",),
        consequence="Le délai est prorogé, une seule fois.",
        basis="CGCT, art. R. 2334-28 et R. 2334-29",
    )


RECORD_LAPSE = Move(
    name="record_lapse",
    label="Constater la caducité",
    source=frozenset({State.FUNDED, State.IN_PROGRESS}),
    target=State.LAPSED,
    by=any_of(Role.PREFECT),
    requires=(conditions.deadline_has_passed,),
    inputs=(Input("heard_on", "Porteur entendu le", InputKind.DAY),),
    reason=True,
    reauthenticate=True,
    apart_from=("submit",),
    apart_from_unit=hearings.APART,
    consequence="La décision d’aide devient caduque ; le porteur est prévenu.",
    basis="CGCT, art. R. 2334-28 ; CRPA, art. L. 122-1",
)
REOPEN = Move(
    name="reopen",
    label="Rouvrir l’opération",
    source=frozenset({State.REJECTED}),
    target=State.UNDER_REVIEW,
    by=any_of(Role.PROJECT_DIRECTOR),
    requires=(conditions.act_is_joined,),
    inputs=(
        Input("legal_ground", "Fondement juridique", InputKind.TEXT),
        Input("act", "Référence de l’acte joint", InputKind.LINE),
    ),
    reason=True,
    reauthenticate=True,
    voids=("reject",),
    apart_from=("submit",),
    apart_from_unit=hearings.APART,
    consequence="L’opération revient en instruction ; le rejet reste au journal.",
)
PREPARING_COPIL = (
    ENTER_AGENDA,
    REFER_TO_ARBITRATION,
    ENDORSE,
    ARBITRATE_FOR,
)
"""What was said of an operation on its way to the COPIL, in this order."""
