"""A subsidised project of a commune, an EPCI or another owner."""

from collections.abc import Mapping
from typing import Any

from flows import conditions, edits, hearings, operation
from flows.conditions import Approvable
from flows.operation import State
from flows.roles import AUDIENCES, Role
from workflow.deadlines import Months
from workflow.process import (
    Input,
    InputKind,
    Move,
    Process,
    any_of,
    both,
    in_order,
    input_rule,
)

START_WITHIN = Months(24)
"""From the notification of the award to the start. (CGCT, art. R. 2334-28.)"""

DELIVER_WITHIN = Months(48)
"""From the declared start to the completion. (CGCT, art. R. 2334-29.)"""

EXTENSIONS = {State.FUNDED: Months(12), State.IN_PROGRESS: Months(24)}
"""The longest extension of each delay. (CGCT, art. R. 2334-28 and R. 2334-29.)"""


@input_rule("avancement de 0 à 100 %")
def progress_is_a_percentage(
    subject: Approvable, said: Mapping[str, Any]
) -> dict[str, str]:
    if said["progress_percent"] <= 100:
        return {}
    return {"progress_percent": "L’avancement va de 0 à 100 %."}


@input_rule("commencement postérieur à la réception de la demande, ou dérogation")
def receipt_comes_first(subject: Approvable, said: Mapping[str, Any]) -> dict[str, str]:
    received_on = subject.received_on
    if subject.early_start == conditions.WAIVED or received_on is None:
        return {}
    if said["started_on"] >= received_on:
        return {}
    return {
        "started_on": f"La demande a été reçue le {received_on:%d/%m/%Y} ; "
        f"commencer plus tôt demande une dérogation."
    }


SUBMIT = Move(
    name="submit",
    label="Déposer le projet",
    source=frozenset({State.DRAFT}),
    target=State.PROPOSED,
    by=any_of(Role.OWNER),
    requires=(
        conditions.facts_are_complete,
        conditions.plan_is_balanced,
        conditions.aid_is_within_ceilings,
        conditions.documents_are_in,
    ),
    consequence="L’accusé de réception part aussitôt ; le chef de file est saisi.",
    basis="CRPA, art. L. 112-3 et R. 112-5",
)
VALIDATE = Move(
    name="validate",
    label="Valider au COPIL",
    source=frozenset({State.AWAITING_COPIL}),
    target=State.FUNDING,
    by=both(Role.COPIL_STATE, Role.COPIL_REGION),
    requires=(conditions.plan_is_balanced, conditions.aid_is_within_ceilings),
    inputs=(operation.SITTING_ON,),
    apart_from=("submit",),
    covers=hearings.APPROVED,
    consequence="Le projet passe au financement quand les deux coprésidents ont signé.",
)
START = Move(
    name="start",
    label="Déclarer le commencement",
    source=frozenset({State.FUNDED}),
    target=State.IN_PROGRESS,
    by=any_of(Role.OWNER),
    inputs=(
        Input("first_legal_act", "Premier acte juridique", InputKind.LINE),
        Input("started_on", "Date de cet acte", InputKind.DAY),
    ),
    input_rules=(receipt_comes_first,),
    consequence="Le projet est en travaux ; le délai d’achèvement court.",
    basis="CGCT, art. R. 2334-24, III",
)
RECORD_PROGRESS = Move(
    name="record_progress",
    label="Rendre compte de l’avancement",
    source=frozenset({State.IN_PROGRESS}),
    target=State.IN_PROGRESS,
    by=any_of(Role.OWNER),
    inputs=(
        Input("progress_percent", "Avancement des travaux (%)", InputKind.COUNT),
        Input("spent_cents", "Dépenses payées à ce jour", InputKind.CENTS),
        Input(
            "insertion_hours",
            "Heures d’insertion réalisées à ce jour",
            InputKind.COUNT,
            required=False,
        ),
        Input("comment", "Commentaire", InputKind.TEXT, required=False),
    ),
    input_rules=(progress_is_a_percentage,),
    consequence="L’avancement est publié aux partenaires.",
)
DELIVER = Move(
    name="deliver",
    label="Déclarer l’achèvement",
    source=frozenset({State.IN_PROGRESS}),
    target=State.DELIVERED,
    by=in_order(Role.OWNER, Role.LEAD_SERVICE),
    requires=(conditions.documents_are_in,),
    apart_from_unit=hearings.APART,
    consequence="L’achèvement prend effet au visa du service chef de file.",
    basis="CGCT, art. R. 2334-29 et R. 2334-30",
)
EXTEND = operation.extension(EXTENSIONS)

PROCESS = Process(
    name="subsidy",
    version=1,
    title="Projet subventionné",
    prefix="S",
    states=State,
    roles=Role,
    stages=operation.STAGES,
    initial=State.DRAFT,
    final=operation.FINAL,
    moves=(
        SUBMIT,
        operation.ASK_FOR_DOCUMENTS,
        operation.SUPPLY_DOCUMENTS,
        operation.DECLARE_COMPLETE,
        operation.GIVE_OPINION,
        operation.ENTER_AGENDA,
        operation.ENDORSE,
        operation.ADJOURN,
        operation.REFER_TO_ARBITRATION,
        operation.DECLINE,
        operation.ARBITRATE_FOR,
        operation.ARBITRATE_BACK,
        operation.ARBITRATE_AGAINST,
        VALIDATE,
        operation.RETURN_TO_REVIEW,
        operation.REJECT,
        operation.RETURN_TO_COPIL,
        operation.CONFIRM_FUNDING,
        START,
        RECORD_PROGRESS,
        DELIVER,
        operation.REFUSE_VISA,
        operation.ATTEST_SETTLEMENT,
        operation.CLOSE,
        operation.SUSPEND,
        operation.RESUME,
        operation.WITHDRAW,
        operation.ABANDON,
        operation.REFUSE_ABANDONMENT,
        EXTEND,
        operation.RECORD_LAPSE,
        operation.REOPEN,
    ),
    readers=operation.READERS,
    overseers=frozenset({Role.PROJECT_DIRECTOR}),
    audiences=AUDIENCES,
    edits=edits.EDITS,
)
