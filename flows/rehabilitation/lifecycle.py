"""The rehabilitation of a mining cité by a social landlord."""

import datetime
from collections.abc import Mapping
from typing import Any, Protocol

from flows import conditions, edits, hearings, operation
from flows.operation import State
from flows.roles import AUDIENCES, Role
from workflow.deadlines import Months
from workflow.process import (
    Edit,
    Fact,
    Input,
    InputKind,
    Move,
    Process,
    any_of,
    both,
    in_order,
    input_rule,
    requirement,
)

START_WITHIN = Months(24)
"""From the award to the start of the works. (CGCT, art. R. 2334-28, by analogy.)"""

DELIVER_WITHIN = Months(24)
"""From the award to the end of the works. (CCH, art. D. 323-8.)"""

EXTENSIONS = {State.FUNDED: Months(12), State.IN_PROGRESS: Months(12)}
"""The longest extension of each delay."""

LABELS = tuple((label, label) for label in "ABCDEFG")


class Rehabilitable(conditions.Approvable, Protocol):
    """What this procedure needs to know, beside what all operations have."""

    urban_study_approved_on: datetime.date | None
    dwellings_before: int | None
    dwellings_facade: int
    dwellings_merged: int
    dwellings_demolished: int
    label_after: str

    def dwellings_left(self) -> int: ...


@requirement("étude urbaine validée")
def urban_study_is_approved(subject: Rehabilitable, on: datetime.date) -> list[str]:
    if subject.urban_study_approved_on:
        return []
    return ["L’étude urbaine préalable n’est pas validée."]


@requirement("tous les logements livrés ou sortis du programme")
def dwellings_are_accounted_for(subject: Rehabilitable, on: datetime.date) -> list[str]:
    left = subject.dwellings_left()
    return [f"Logements encore à livrer : {left}."] if left else []


@requirement("étiquette énergie après travaux renseignée")
def label_after_is_known(subject: Rehabilitable, on: datetime.date) -> list[str]:
    if subject.label_after:
        return []
    return ["À renseigner : l’étiquette énergie après travaux."]


@input_rule("ordre de service postérieur à la décision d’aide, ou dérogation")
def award_comes_first(
    subject: Rehabilitable, said: Mapping[str, Any]
) -> dict[str, str]:
    awarded_on = subject.funded_on
    if subject.early_start == conditions.WAIVED or awarded_on is None:
        return {}
    if said["service_order_on"] >= awarded_on:
        return {}
    return {
        "service_order_on": f"L’aide a été décidée le {awarded_on:%d/%m/%Y} ; "
        f"commencer plus tôt demande une dérogation."
    }


@input_rule("livrés + sortis ≤ total")
def dwellings_add_up(subject: Rehabilitable, said: Mapping[str, Any]) -> dict[str, str]:
    total = subject.dwellings_before or 0
    counted = said["dwellings_delivered"] + said["dwellings_withdrawn"]
    if counted <= total:
        return {}
    return {"dwellings_delivered": f"{counted} logements comptés pour {total} prévus."}


ALSO_COUNTED = (
    (
        "dwellings_facade",
        "Livrés : dont la façade seule a été refaite",
        "Compris dans les logements livrés.",
    ),
    (
        "dwellings_merged",
        "Sortis : réunis à un autre (regroupement)",
        "Compris dans les logements sortis du programme.",
    ),
    (
        "dwellings_demolished",
        "Sortis : démolis",
        "Compris dans les logements sortis du programme.",
    ),
    ("dwellings_built", "Logements neufs livrés", "En plus de ceux d’avant travaux."),
    ("households_rehoused", "Ménages relogés à ce jour", ""),
    (
        "tiroir_dwellings",
        "Logements-tiroirs occupés aujourd’hui",
        "Ceux où des ménages logent le temps des travaux.",
    ),
    ("insertion_hours", "Heures d’insertion réalisées à ce jour", ""),
)
"""What a report may say beside; what it leaves empty stays as it was."""


@input_rule("façade seule ≤ livrés ; regroupés + démolis ≤ sortis")
def parts_fit_in_their_whole(
    subject: Rehabilitable, said: Mapping[str, Any]
) -> dict[str, str]:
    def stands(name: str) -> int:
        value = said[name]
        return int(getattr(subject, name) if value is None else value)

    found = {}
    if stands("dwellings_facade") > said["dwellings_delivered"]:
        found["dwellings_facade"] = "C’est plus que de logements livrés."
    gone = stands("dwellings_merged") + stands("dwellings_demolished")
    if gone > said["dwellings_withdrawn"]:
        found["dwellings_merged"] = (
            f"{gone} logements regroupés ou démolis pour "
            f"{said['dwellings_withdrawn']} sortis du programme."
        )
    return found


SUBMIT = Move(
    name="submit",
    label="Déposer l’opération",
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
    requires=(
        urban_study_is_approved,
        conditions.plan_is_balanced,
        conditions.aid_is_within_ceilings,
    ),
    inputs=(operation.SITTING_ON,),
    apart_from=("submit",),
    covers=hearings.APPROVED,
    consequence="L’opération passe au financement quand les deux coprésidents "
    "ont signé.",
)
START = Move(
    name="start",
    label="Démarrer les travaux",
    source=frozenset({State.FUNDED}),
    target=State.IN_PROGRESS,
    by=any_of(Role.OWNER),
    inputs=(
        Input("service_order_on", "Ordre de service du", InputKind.DAY),
        Input("permit", "Référence de l’autorisation d’urbanisme", InputKind.LINE),
        Input("tenants_consulted_on", "Locataires concertés le", InputKind.DAY),
        Input(
            "rehousing_plan",
            "Le plan de relogement, ou l’opération-tiroir, est arrêté",
            InputKind.YES,
        ),
    ),
    input_rules=(award_comes_first,),
    consequence="Les travaux commencent ; le délai de livraison court.",
    basis="CCH, art. D. 323-8",
)
RECORD_PROGRESS = Move(
    name="record_progress",
    label="Rendre compte de l’avancement",
    source=frozenset({State.IN_PROGRESS}),
    target=State.IN_PROGRESS,
    by=any_of(Role.OWNER),
    inputs=(
        Input("dwellings_delivered", "Logements livrés à ce jour", InputKind.COUNT),
        Input(
            "dwellings_withdrawn",
            "Logements sortis du programme à ce jour",
            InputKind.COUNT,
        ),
        Input(
            "label_after",
            "Étiquette énergie après travaux",
            InputKind.CHOICE,
            required=False,
            choices=LABELS,
        ),
        *(
            Input(name, label, InputKind.COUNT, required=False, help=told)
            for name, label, told in ALSO_COUNTED
        ),
        Input("comment", "Commentaire", InputKind.TEXT, required=False),
    ),
    input_rules=(dwellings_add_up, parts_fit_in_their_whole),
    consequence="L’avancement est publié aux partenaires.",
)
DELIVER = Move(
    name="deliver",
    label="Livrer",
    source=frozenset({State.IN_PROGRESS}),
    target=State.DELIVERED,
    by=in_order(Role.OWNER, Role.LEAD_SERVICE),
    requires=(dwellings_are_accounted_for, label_after_is_known),
    apart_from_unit=hearings.APART,
    covers=(
        Fact("dwellings_delivered", "les logements livrés"),
        Fact("dwellings_withdrawn", "les logements sortis du programme"),
        Fact("label_after", "l’étiquette énergie après travaux"),
    ),
    consequence="La livraison prend effet au visa du service chef de file.",
)
EXTEND = operation.extension(EXTENSIONS)
RECORD_URBAN_STUDY = Edit(
    name="record_urban_study",
    label="Enregistrer la validation de l’étude urbaine",
    source=frozenset(
        {
            State.PROPOSED,
            State.UNDER_REVIEW,
            State.ON_AGENDA,
            State.ARBITRATION,
            State.AWAITING_COPIL,
        }
    ),
    by=frozenset({Role.LEAD_SERVICE, Role.PROJECT_DIRECTOR}),
)

PROCESS = Process(
    name="rehabilitation",
    version=1,
    title="Réhabilitation d’une cité minière",
    prefix="R",
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
    edits=(*edits.EDITS, RECORD_URBAN_STUDY),
)
