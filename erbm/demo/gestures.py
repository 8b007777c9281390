"""What each act of a story comes to: one gesture for each event that it leaves."""

import datetime
import uuid
from collections.abc import Callable, Iterator, Mapping
from itertools import cycle
from typing import Any

from dateutil.relativedelta import relativedelta
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from erbm.demo.pdf import pdf
from erbm.demo.scenes import Gesture, Scene
from erbm.demo.stories import NOTE, Act, Story
from erbm.exchange import commands as exchange
from erbm.funding import commands as funding
from erbm.funding.models import Line, Scheme
from erbm.operations import commands
from erbm.operations.models import DocumentKind, Kind, Operation, required_documents
from erbm.programme.models import Theme
from erbm.territory.models import Cite, Commune
from flows.edits import ADD_DOCUMENT, JOIN_ACT
from flows.roles import Role
from flows.stages import Stage
from workflow import claims, delegations
from workflow.audiences import ALL
from workflow.models import Task, Unit
from workflow.process import Edit

FUNDERS = {
    Scheme.DETR: "prefecture-{departement}",
    Scheme.DSIL: "prefecture-region",
    Scheme.FNADT: "sgar",
    Scheme.HOUSING: "dreal",
    Scheme.REGION: "region",
    Scheme.FEDER: "region",
    Scheme.DEPARTEMENT: "departement-{departement}",
    Scheme.EPCI: "epci-{epci}",
    Scheme.OPERATOR: "agence-eau",
}
MOST_DRAWERS = 6  # dwellings kept empty, for those whose own is under way
CENTS_AN_HOUR = 2_500_00  # of works, for each hour of insertion
PREPARED_WITHIN = datetime.timedelta(days=21)


def gestures(scene: Scene, act: Act) -> Iterator[Gesture]:
    """Return the gestures of an act, the same each time they are asked for."""
    return PARTICULAR.get(act.name, _move)(scene, act)


def _move(scene: Scene, act: Act) -> Iterator[Gesture]:
    yield scene.moved(act, scene.somebody(act.by))


# The proposal


def _opening(scene: Scene, act: Act) -> Iterator[Gesture]:
    def make(at: datetime.datetime) -> None:
        draft = _draft(scene.story)
        scene.opens(
            commands.open_operation(
                kind=scene.story.kind,
                draft=draft,
                by=scene.cast.holder(draft.owner, Role.OWNER, draft.jurisdiction.pk),
                at=at,
            )
        )

    yield make


def _draft(story: Story) -> commands.Draft:
    owner = Unit.objects.get(code=story.owner)
    cite = Cite.objects.filter(code=story.cite).first()
    communes = _communes(story, cite)
    committee = communes[0].committee
    assert committee is not None, f"{communes[0]} has no committee"
    return commands.Draft(
        title=story.title or f"Réhabilitation de la {_in_a_sentence(str(cite))}",
        owner=owner,
        jurisdiction=committee.jurisdiction,
        cost_cents=story.cost_cents,
        communes=communes,
        cite=cite,
        facts=_facts(story, cite),
    )


def _in_a_sentence(name: str) -> str:
    return name[:1].lower() + name[1:]


def _communes(story: Story, cite: Cite | None) -> list[Commune]:
    codes = story.communes or [story.owner.removeprefix("commune-")]
    communes = cite.communes.all() if cite else Commune.objects.filter(code__in=codes)
    placed = communes.select_related(
        "epci__committee__jurisdiction", "arrondissement__jurisdiction"
    )
    return list(placed.order_by("code"))


def _facts(story: Story, cite: Cite | None) -> dict[str, Any]:
    facts = {
        "source_id": story.source_id,
        "theme": Theme.objects.get(code=story.theme),
        "description": story.description,
        "figures_note": f"{NOTE}\u00a0; opération fictive.",
    }
    if cite is None:
        return facts
    before, target = story.labels.split()
    dwellings = story.dwellings or cite.dwellings
    known = "Cité" if story.dwellings else "Cité et logements"
    source = f"{known}\u00a0: {cite.source}"
    return facts | {
        "description": f"Isolation, toitures, ventilation et chauffage de {dwellings} "
        "logements, réseaux et espaces publics.",
        "figures_note": f"{NOTE}\u00a0; déroulement fictif. {source}.",
        "dwellings_before": dwellings,
        "dwellings_after": dwellings,
        "label_before": before,
        "label_target": target,
        "is_protected": bool(cite.unesco),
    }


def _plan(scene: Scene, act: Act) -> Iterator[Gesture]:
    def make(at: datetime.datetime) -> None:
        funding.set_plan(
            process=scene.operation.process,
            lines=list(_lines(scene)),
            seen=scene.version,
            **scene.amending(Role.OWNER, at),
        )
        scene.recast()

    yield make


def _lines(scene: Scene) -> Iterator[funding.Planned]:
    place = scene.operation.communes.select_related("epci").order_by("code")[0]
    epci = place.epci.siren if place.epci else ""
    left = scene.story.cost_cents
    for name, percent in scene.story.shares.items():
        scheme = Scheme(name)
        code = FUNDERS[scheme].format(departement=place.departement, epci=epci)
        amount = scene.story.cost_cents * percent // 100
        left -= amount
        yield funding.Planned(scheme, amount, Unit.objects.get(code=code))
    yield funding.Planned(Scheme.OWN, left)


# Documents


def _documents(scene: Scene, act: Act) -> Iterator[Gesture]:
    for kind in required_documents(Stage.PROPOSAL):
        yield _joined(scene, kind, str(kind.label))


def _completion(scene: Scene, act: Act) -> Iterator[Gesture]:
    kind = DocumentKind.COMPLETION
    yield _joined(scene, kind, str(kind.label))


def _answers(scene: Scene, act: Act) -> Iterator[Gesture]:
    wanted = scene.operation.requested_documents.order_by("id")
    for request in wanted[: _count(act)]:
        yield _joined(scene, DocumentKind.OTHER, request.label, answers=request.pk)


def _act(scene: Scene, act: Act) -> Iterator[Gesture]:
    yield _joined(
        scene, DocumentKind.ACT, "Décision de rouvrir", edit=JOIN_ACT, role=act.by
    )


def _joined(
    scene: Scene,
    kind: DocumentKind,
    title: str,
    *,
    answers: int | None = None,
    edit: Edit = ADD_DOCUMENT,
    role: str = Role.OWNER,
) -> Gesture:
    def make(at: datetime.datetime) -> None:
        operation = scene.operation
        page = pdf(
            [
                "PIÈCE DE DÉMONSTRATION, SANS VALEUR",
                title,
                operation.case.title,
                operation.case.reference,
            ]
        )
        commands.add_document(
            process=operation.process,
            document=commands.NewDocument(
                kind=kind,
                title=title,
                file=SimpleUploadedFile(f"{kind}.pdf", page),
                content_type="application/pdf",
                answers=answers,
                edit=edit,
            ),
            **scene.amending(role, at),
        )

    return make


# From the review to the funding


def _opinions(scene: Scene, act: Act) -> Iterator[Gesture]:
    consulted = scene.parties.get(Role.CONSULTED, ())[: _count(act)]
    for unit, direction in zip(consulted, cycle(scene.story.opinions), strict=False):
        by = scene.somebody(Role.CONSULTED, unit)
        yield scene.moved(act, by, direction=direction)


def _study(scene: Scene, act: Act) -> Iterator[Gesture]:
    def make(at: datetime.datetime) -> None:
        commands.record_urban_study(
            process=scene.operation.process,
            approved_on=at.date() - datetime.timedelta(days=20),
            seen=scene.version,
            **scene.amending(Role.LEAD_SERVICE, at),
        )

    if scene.story.kind == Kind.REHABILITATION:
        yield make


def _notifications(scene: Scene, act: Act) -> Iterator[Gesture]:
    for number, line in enumerate(_grants(scene, act), 1):
        yield _notified(scene, line, number)


def _notified(scene: Scene, line: Line, number: int) -> Gesture:
    def make(at: datetime.datetime) -> None:
        funding.record_notification(
            process=scene.operation.process,
            line_id=line.pk,
            notified_on=at.date() - datetime.timedelta(days=8),
            notification=f"Acte de démonstration n°\u00a0{scene.story.number}-{number}",
            **scene.amending(Role.FUNDER, at),
        )

    return make


def _settlements(scene: Scene, act: Act) -> Iterator[Gesture]:
    for line in _grants(scene, act):
        yield _settled(scene, line)


def _settled(scene: Scene, line: Line) -> Gesture:
    def make(at: datetime.datetime) -> None:
        funding.record_settlement(
            process=scene.operation.process,
            line_id=line.pk,
            settled_on=at.date(),
            **scene.amending(Role.FUNDER, at),
        )

    return make


def _grants(scene: Scene, act: Act) -> list[Line]:
    return list(scene.operation.lines.grants().order_by("id")[: _count(act)])


# The works


def _progress(scene: Scene, act: Act) -> Iterator[Gesture]:
    share, story = int(act.detail), scene.story
    dwellings = scene.operation.dwellings_before or 0
    yield scene.moved(
        act,
        scene.somebody(Role.OWNER),
        dwellings_delivered=dwellings * share // 100,
        dwellings_withdrawn=0,
        label_after=scene.operation.label_target if share == 100 else "",
        progress_percent=share,
        spent_cents=story.cost_cents * share // 100,
        households_rehoused=dwellings * share // 100 // 4,
        tiroir_dwellings=0 if share == 100 else min(dwellings, MOST_DRAWERS),
        insertion_hours=story.cost_cents // CENTS_AN_HOUR * share // 100,
    )


def _extension(scene: Scene, act: Act) -> Iterator[Gesture]:
    def make(at: datetime.datetime) -> None:
        deadline = Operation.objects.get(pk=scene.operation.pk).deadline_on
        assert deadline is not None, "nothing runs that could be extended"
        until = deadline + relativedelta(months=int(act.detail))
        scene.moved(act, scene.somebody(act.by), until=until)(at)

    yield make


# What people say to each other, and how they share the work


def _claim(scene: Scene, act: Act) -> Iterator[Gesture]:
    def make(at: datetime.datetime) -> None:
        task = _latest_task(scene)
        with transaction.atomic():
            by = scene.somebody(task.role, task.unit)
            claims.claim(task_id=task.pk, by=by, at=at)

    yield make


def _latest_task(scene: Scene) -> Task:
    open_ones = Task.objects.open().filter(case=scene.operation.case)
    return open_ones.select_related("unit").latest("pk")


def _comment(scene: Scene, act: Act) -> Iterator[Gesture]:
    """Write to all who read the case, and call on the role that the act details."""

    def make(at: datetime.datetime) -> None:
        called = [scene.somebody(act.detail).pk] if act.detail else []
        exchange.write(
            process=scene.operation.process,
            case_id=scene.operation.pk,
            to=f"{ALL}.{scene.parties[act.by][0].pk}",
            text=act.reason,
            key=uuid.uuid4(),
            people=called,
            by=scene.somebody(act.by),
            at=at,
        )

    yield make


def _delegation(scene: Scene, act: Act) -> Iterator[Gesture]:
    """Have a unit, which the act details, prepare what is asked last."""

    def make(at: datetime.datetime) -> None:
        task = _latest_task(scene)
        request = delegations.Request(
            to=Unit.objects.get(code=act.detail),
            instructions=act.reason,
            due_on=at.date() + PREPARED_WITHIN,
        )
        with transaction.atomic():
            by = scene.somebody(task.role, task.unit)
            delegations.delegate(task_id=task.pk, request=request, by=by, at=at)

    yield make


def _count(act: Act) -> int | None:
    return int(act.detail) if act.detail else None


PARTICULAR: Mapping[str, Callable[[Scene, Act], Iterator[Gesture]]] = {
    "opening": _opening,
    "plan": _plan,
    "documents": _documents,
    "completion": _completion,
    "answers": _answers,
    "act": _act,
    "give_opinion": _opinions,
    "study": _study,
    "notifications": _notifications,
    "settlements": _settlements,
    "record_progress": _progress,
    "extend": _extension,
    "claim": _claim,
    "comment": _comment,
    "reply": _comment,
    "delegate": _delegation,
}
