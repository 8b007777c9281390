"""A sitting of a committee, of the COPIL or of the financers: agenda to minutes."""

import datetime
from collections.abc import Collection
from typing import Any, Protocol

from django.db.models import TextChoices

from flows.roles import AUDIENCES, Role
from flows.stages import Stage
from workflow.process import (
    STAY,
    Edit,
    Fact,
    Input,
    InputKind,
    Move,
    Process,
    any_of,
    both,
    requirement,
)


class State(TextChoices):
    PLANNED = "planned", "Prévue"
    CONVENED = "convened", "Convoquée"
    OPEN = "open", "En séance"
    CLOSED = "closed", "Close"
    PUBLISHED = "published", "Relevé publié"
    POSTPONED = "postponed", "Reportée"
    CANCELLED = "cancelled", "Annulée"


STAGES = {
    State.PLANNED: Stage.COMMITTEE,
    State.CONVENED: Stage.COMMITTEE,
    State.OPEN: Stage.COMMITTEE,
    State.CLOSED: Stage.COMMITTEE,
    State.PUBLISHED: Stage.END,
    State.POSTPONED: Stage.ASIDE,
    State.CANCELLED: Stage.END,
}
FINAL = frozenset({State.PUBLISHED, State.CANCELLED})
LIVE = frozenset({State.PLANNED, State.CONVENED, State.OPEN, State.POSTPONED})
"""The states in which what stands on the agenda is still to be decided."""

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
        Role.LEAD_SERVICE,
    }
)
SECRETARIES = (Role.COMMITTEE_SECRETARY, Role.PROJECT_DIRECTOR)
CHAIRS = (Role.SUB_PREFECT, Role.FUNDER)
"""Who chairs alone: the sub-prefect a committee, the SGAR the financers."""

CO_CHAIRS = (Role.COPIL_STATE, Role.COPIL_REGION)
DESK = (*SECRETARIES, *CHAIRS)


class Held(Protocol):
    """What the procedure needs to know about the sitting it moves."""

    held_on: datetime.date
    convene_by: datetime.date

    def is_chaired_jointly(self) -> bool: ...

    def shared_chairs(self) -> Collection[str]: ...

    def agenda_size(self) -> int: ...

    def undecided_items(self) -> Collection[str]: ...

    def decided_items(self) -> Collection[str]: ...

    def decisions_without_quorum(self) -> Collection[str]: ...

    def decisions(self) -> list[Any]: ...


@requirement("un point au moins à l’ordre du jour")
def agenda_is_set(sitting: Held, on: datetime.date) -> list[str]:
    return [] if sitting.agenda_size() else ["L’ordre du jour est vide."]


@requirement("délai de convocation respecté")
def notice_is_given(sitting: Held, on: datetime.date) -> list[str]:
    if on <= sitting.convene_by:
        return []
    last = f"le {sitting.convene_by:%d/%m/%Y} au plus tard"
    return [f"La convocation devait partir {last} : reportez la séance."]


@requirement("jour de la séance venu")
def day_has_come(sitting: Held, on: datetime.date) -> list[str]:
    if on >= sitting.held_on:
        return []
    return [f"La séance se tient le {sitting.held_on:%d/%m/%Y}."]


@requirement("chaque point décidé ou reporté")
def every_item_is_settled(sitting: Held, on: datetime.date) -> list[str]:
    return [f"Ni décidé ni reporté : {item}." for item in sitting.undecided_items()]


@requirement("quorum réuni pour chaque décision")
def every_decision_has_its_quorum(sitting: Held, on: datetime.date) -> list[str]:
    return [f"Sans quorum : {item}." for item in sitting.decisions_without_quorum()]


@requirement("aucun point décidé")
def nothing_is_decided(sitting: Held, on: datetime.date) -> list[str]:
    if not sitting.decided_items():
        return []
    return [
        "Des points sont décidés : closez la séance, et reportez les autres points."
    ]


@requirement("un seul président")
def is_chaired_by_one(sitting: Held, on: datetime.date) -> list[str]:
    if sitting.is_chaired_jointly():
        return ["Cette instance est close par ses deux coprésidents."]
    return []


@requirement("deux coprésidents de deux institutions")
def is_chaired_by_two(sitting: Held, on: datetime.date) -> list[str]:
    if not sitting.is_chaired_jointly():
        return ["Cette instance n’a qu’un président."]
    return [
        f"{name} tient les deux coprésidences : il en faut deux institutions."
        for name in sitting.shared_chairs()
    ]


DECISIONS = (Fact("decisions", "les décisions de la séance"),)
SETTLED = (every_item_is_settled, every_decision_has_its_quorum)

CONVENE = Move(
    name="convene",
    label="Convoquer",
    source=frozenset({State.PLANNED}),
    target=State.CONVENED,
    by=any_of(*SECRETARIES),
    requires=(agenda_is_set, notice_is_given),
    inputs=(Input("message", "Message aux membres", InputKind.TEXT, required=False),),
    consequence="L’ordre du jour est arrêté ; chaque membre est convoqué par courriel.",
    basis="CRPA, art. R. 133-8",
)
OPEN = Move(
    name="open",
    label="Ouvrir la séance",
    source=frozenset({State.CONVENED}),
    target=State.OPEN,
    by=any_of(*DESK, *CO_CHAIRS),
    requires=(day_has_come,),
    consequence="La feuille de présence et les décisions s’ouvrent à la saisie.",
)
CLOSE = Move(
    name="close",
    label="Clore la séance",
    source=frozenset({State.OPEN}),
    target=State.CLOSED,
    by=any_of(*CHAIRS),
    requires=(is_chaired_by_one, *SETTLED),
    reauthenticate=True,
    covers=DECISIONS,
    consequence="Toutes les décisions s’appliquent à leurs opérations, ensemble.",
)
CLOSE_JOINTLY = Move(
    name="close_jointly",
    label="Clore la séance du COPIL",
    source=frozenset({State.OPEN}),
    target=State.CLOSED,
    by=both(*CO_CHAIRS),
    requires=(is_chaired_by_two, *SETTLED),
    reauthenticate=True,
    covers=DECISIONS,
    consequence="Toutes les décisions s’appliquent à leurs opérations, ensemble, "
    "quand les deux coprésidents ont signé.",
)
PUBLISH = Move(
    name="publish",
    label="Publier le relevé de décisions",
    source=frozenset({State.CLOSED}),
    target=State.PUBLISHED,
    by=any_of(*DESK),
    consequence="Le relevé prend son numéro ; il ne se corrige plus que par erratum.",
    basis="CRPA, art. R. 133-13",
)
ERRATUM = Move(
    name="erratum",
    label="Publier un erratum",
    source=frozenset({State.PUBLISHED}),
    target=STAY,
    by=any_of(*DESK),
    inputs=(Input("correction", "Au lieu de…, lire…", InputKind.TEXT),),
    reason=True,
    consequence="L’erratum est numéroté et joint au relevé, qui ne change pas.",
)
POSTPONE = Move(
    name="postpone",
    label="Reporter la séance",
    source=frozenset({State.PLANNED, State.CONVENED, State.OPEN}),
    target=State.POSTPONED,
    by=any_of(*DESK),
    requires=(nothing_is_decided,),
    reason=True,
    consequence="Les membres convoqués sont prévenus ; l’ordre du jour est gardé.",
)
RESCHEDULE = Move(
    name="reschedule",
    label="Fixer une nouvelle date",
    source=frozenset({State.POSTPONED}),
    target=State.PLANNED,
    by=any_of(*SECRETARIES),
    inputs=(
        Input("held_on", "Date de la séance", InputKind.DAY),
        Input("place", "Lieu", InputKind.LINE, required=False),
    ),
    consequence="La séance est de nouveau prévue, à convoquer.",
)
CANCEL = Move(
    name="cancel",
    label="Annuler la séance",
    source=frozenset({State.PLANNED, State.CONVENED, State.POSTPONED}),
    target=State.CANCELLED,
    by=any_of(*DESK),
    reason=True,
    consequence="Les opérations de l’ordre du jour attendent une autre séance.",
)

EDIT_SITTING = Edit(
    name="edit_sitting",
    label="Modifier la date ou le lieu",
    source=frozenset({State.PLANNED}),
    by=frozenset(SECRETARIES),
)
SET_AGENDA = Edit(
    name="set_agenda",
    label="Établir l’ordre du jour",
    source=frozenset({State.PLANNED}),
    by=frozenset(SECRETARIES),
)
ADD_LATE = Edit(
    name="add_late",
    label="Ajouter un point tardif",
    source=frozenset({State.CONVENED, State.OPEN}),
    by=frozenset(DESK),
    touches=("decisions",),
)
POSTPONE_ITEM = Edit(
    name="postpone_item",
    label="Reporter un point",
    source=frozenset({State.CONVENED, State.OPEN}),
    by=frozenset(DESK),
    touches=("decisions",),
)
RECORD_ATTENDANCE = Edit(
    name="record_attendance",
    label="Tenir la feuille de présence",
    source=frozenset({State.OPEN}),
    by=frozenset(DESK),
)
STAND_ASIDE = Edit(
    name="stand_aside",
    label="Consigner un déport",
    source=frozenset({State.OPEN}),
    by=frozenset(DESK),
)
DECIDE = Edit(
    name="decide",
    label="Consigner la décision d’un point",
    source=frozenset({State.OPEN}),
    by=frozenset(DESK),
    touches=("decisions",),
)

PROCESS = Process(
    name="sitting",
    version=1,
    title="Séance d’une instance",
    prefix="C",
    states=State,
    roles=Role,
    stages=STAGES,
    initial=State.PLANNED,
    final=FINAL,
    moves=(
        CONVENE,
        OPEN,
        CLOSE,
        CLOSE_JOINTLY,
        PUBLISH,
        ERRATUM,
        POSTPONE,
        RESCHEDULE,
        CANCEL,
    ),
    readers=READERS,
    overseers=frozenset({Role.PROJECT_DIRECTOR}),
    audiences=AUDIENCES,
    edits=(
        EDIT_SITTING,
        SET_AGENDA,
        ADD_LATE,
        POSTPONE_ITEM,
        RECORD_ATTENDANCE,
        STAND_ASIDE,
        DECIDE,
    ),
)
