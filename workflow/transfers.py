"""Carry cases from one version of their procedure to another, each on its own.

A transfer is tried without leaving a trace, then run case by case, and may be taken up
where it stopped. A case is brought back as long as nothing happened to it since.
"""

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from workflow import cases, progress, schedules, signatures, situations
from workflow.cases import binding_of
from workflow.journeys import Pending, Step, flow_of
from workflow.models import Case, Journey, Passage, Subject, Task, Transfer
from workflow.process import Process
from workflow.trail import chain, verify


class TransferRefused(Exception):
    """A transfer, or the passage of one case, is impossible; the message says why."""


@dataclass(frozen=True, slots=True)
class Request:
    """
    Where cases go, and why.

    - `states`, `steps`: what has another name in the version they join; a state or a
      step of the same name needs not be said;
    - `key`: that of the form, which may be sent twice.
    """

    process: str
    before: int
    after: int
    reason: str
    states: Mapping[str, str]
    steps: Mapping[str, str]
    keeps_signatures: bool = True
    key: UUID | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """How many cases passed, were refused, and are left to try."""

    done: int
    refused: int
    left: int


def prepare(
    request: Request, chosen: QuerySet[Case], *, by: Any, at: datetime.datetime
) -> Transfer:
    """
    Write a transfer down, with those of the chosen cases that follow the version left.

    :raises TransferRefused: if a state or a step leads nowhere, or nobody is chosen
    """
    if problems := list(_problems(request)):
        raise TransferRefused(" ".join(problems))
    follow = chosen.filter(process=request.process, process_version=request.before)
    keys = list(follow.order_by("pk").values_list("pk", flat=True))
    if not keys:
        raise TransferRefused("Aucun dossier choisi ne suit cette version.")
    with transaction.atomic():
        transfer = Transfer.objects.create(
            process=request.process,
            before=request.before,
            after=request.after,
            states=_completed(request.states, *_names_of_states(request)),
            steps=_completed(request.steps, *_names_of_steps(request)),
            keeps_signatures=request.keeps_signatures,
            reason=request.reason.strip(),
            planned_by=by,
            planned_at=at,
            key=request.key,
        )
        Passage.objects.bulk_create(
            Passage(transfer=transfer, case_id=key) for key in keys
        )
    return transfer


def already_prepared(key: UUID, *, by: Any) -> Transfer | None:
    """Return what a person prepared when the same form was sent before."""
    return Transfer.objects.filter(key=key, planned_by=by).first()


def attempt(transfer: Transfer, *, by: Any, at: datetime.datetime) -> Report:
    """Try every passage and undo it, to know beforehand which ones are refused."""
    refused = 0
    waiting = list(transfer.passages.waiting().order_by("pk"))
    for passage in waiting:
        passage.refusal = _trial(passage, by, at)
        refused += bool(passage.refusal)
    Passage.objects.bulk_update(waiting, ["refusal"], batch_size=500)
    return Report(0, refused, len(waiting) - refused)


def run(
    transfer: Transfer,
    *,
    limit: int,
    by: Any,
    clock: Callable[[], datetime.datetime],
    role: str = "",
) -> Report:
    """Make up to `limit` passages, each in its transaction; those refused come last."""
    waiting = transfer.passages.waiting()
    return _each(waiting, limit, lambda key: _pass(key, by, clock(), role))


def bring_back(
    transfer: Transfer,
    *,
    limit: int,
    by: Any,
    clock: Callable[[], datetime.datetime],
    role: str = "",
) -> Report:
    """Return to their former version the cases to which nothing happened since."""
    made = transfer.passages.made()
    return _each(made, limit, lambda key: _return(key, by, clock(), role))


def _each(passages: QuerySet[Passage], limit: int, go: Callable[[int], str]) -> Report:
    """Take some passages one way or the other; `go` returns why one is refused."""
    keys = passages.order_by("refusal", "pk").values_list("pk", flat=True)
    refusals = [go(key) for key in list(keys[:limit])]
    refused = sum(map(bool, refusals))
    return Report(len(refusals) - refused, refused, passages.count())


# What a transfer says


def _problems(request: Request) -> Iterator[str]:
    if request.before == request.after:
        yield "Les deux versions sont la même."
    if not request.reason.strip():
        yield "Motif : à renseigner."
    pairs = (
        ("l’état", request.states, _names_of_states(request)),
        ("le nœud", request.steps, _names_of_steps(request)),
    )
    for noun, said, (left, joined) in pairs:
        for old, new in said.items():
            if old not in left:
                yield f"La version {request.before} ne connaît pas {noun} {old}."
            if new not in joined:
                yield f"La version {request.after} ne connaît pas {noun} {new}."


def _names_of_states(request: Request) -> tuple[list[str], list[str]]:
    versions = (request.before, request.after)
    left, joined = (binding_of(request.process, v).process for v in versions)
    return list(left.states.values), list(joined.states.values)


def _names_of_steps(request: Request) -> tuple[list[str], list[str]]:
    left, joined = (
        [step.name for step in flow_of(request.process, version).steps()]
        for version in (request.before, request.after)
    )
    return left, joined


def _completed(
    said: Mapping[str, str], left: Sequence[str], joined: Sequence[str]
) -> dict[str, str]:
    return {name: name for name in left if name in joined} | dict(said)


# One case


def _trial(passage: Passage, by: Any, at: datetime.datetime) -> str:
    """Return why a passage would be refused, and leave no trace of having tried."""
    try:
        with transaction.atomic():
            _carry(passage, by, at, "")
            transaction.set_rollback(True)
    except TransferRefused as refused:
        return str(refused)
    return ""


def _pass(key: int, by: Any, at: datetime.datetime, role: str) -> str:
    """Make one passage, and return why it was refused if it was."""
    with transaction.atomic(durable=True):
        passage = Passage.objects.select_for_update(of=("self",)).get(pk=key)
        if passage.done_at is not None:
            return ""
        try:
            with transaction.atomic():
                passage.undo = _carry(passage, by, at, role)
                passage.reached = passage.undo.pop("reached")
                passage.done_at, passage.refusal = at, ""
        except TransferRefused as refused:
            passage.refusal = str(refused)
        passage.save()
    return passage.refusal


def _return(key: int, by: Any, at: datetime.datetime, role: str) -> str:
    """Undo one passage, and return why it was refused if it was."""
    with transaction.atomic(durable=True):
        passage = Passage.objects.select_for_update(of=("self",)).get(pk=key)
        try:
            with transaction.atomic():
                _carry_back(passage, by, at, role)
                passage.undone_at, passage.refusal = at, ""
        except TransferRefused as refused:
            passage.refusal = str(refused)
        passage.save()
    return passage.refusal


@dataclass(frozen=True, slots=True)
class _Way:
    """From which version to which, for one case, and what its tasks become."""

    transfer: Transfer
    before: Process
    after: Process
    state: str
    returns_to: str
    steps: Mapping[int, str]
    undoes: bool


def _carry(
    passage: Passage, by: Any, at: datetime.datetime, role: str
) -> dict[str, Any]:
    """
    Carry one case over, and return what bringing it back needs.

    :raises TransferRefused: with every reason why it cannot be
    """
    transfer = passage.transfer
    before = binding_of(transfer.process, transfer.before).process
    after = binding_of(transfer.process, transfer.after).process
    subject = situations.locked(before, passage.case_id)
    case = subject.case
    if found := list(_refusals(transfer, case, before, after)):
        raise TransferRefused(" ".join(found))
    tasks = list(Task.objects.unfinished().filter(case=case))
    undo = {
        "state": case.state,
        "returns_to": case.returns_to,
        "steps": {str(task.pk): task.step for task in tasks},
    }
    way = _Way(
        transfer,
        before,
        after,
        state=transfer.states[case.state],
        returns_to=transfer.states.get(case.returns_to, ""),
        steps={t.pk: transfer.steps[t.step] for t in tasks if t.step in transfer.steps},
        undoes=False,
    )
    _write(way, subject, tasks, by, at, role)
    return undo | {"reached": case.version}


def _refusals(
    transfer: Transfer, case: Case, before: Process, after: Process
) -> Iterator[str]:
    """Find every reason why a case may not be carried over."""
    if case.process_version != transfer.before:
        yield f"Le dossier suit la version {case.process_version}."
        return
    label, state = before.state_label(case.state), transfer.states.get(case.state)
    if state is None:
        yield f"L’état « {label} » n’a pas d’équivalent."
    elif (case.state in before.final) != (state in after.final):
        yield f"« {label} » et « {after.state_label(state)} » ne sont pas tous finals."
    if case.returns_to and case.returns_to not in transfer.states:
        back = before.state_label(case.returns_to)
        yield f"L’état « {back} », où il reprendrait, n’a pas d’équivalent."


def _carry_back(passage: Passage, by: Any, at: datetime.datetime, role: str) -> None:
    """
    Bring one case back to the version that it left.

    :raises TransferRefused: if anything happened to it since
    """
    transfer, undo = passage.transfer, passage.undo
    before = binding_of(transfer.process, transfer.after).process
    after = binding_of(transfer.process, transfer.before).process
    subject = situations.locked(before, passage.case_id)
    case = subject.case
    if passage.undone_at or case.version != passage.reached:
        raise TransferRefused("Le dossier a changé depuis son passage.")
    tasks = list(Task.objects.unfinished().filter(case=case))
    known = {int(key): step for key, step in undo["steps"].items()}
    way = _Way(
        transfer,
        before,
        after,
        state=undo["state"],
        returns_to=undo["returns_to"],
        steps={t.pk: known[t.pk] for t in tasks if t.pk in known},
        undoes=True,
    )
    _write(way, subject, tasks, by, at, role)
    _restore(case, known, {task.pk for task in tasks})


def _restore(case: Case, known: Mapping[int, str], kept: set[int]) -> None:
    """Give tasks asked anew the dates and the owner of those that were dropped."""
    dropped = Task.objects.filter(pk__in=known.keys() - kept)
    former = {(task.step, task.unit_id): task for task in dropped}
    columns = (*schedules.COLUMNS, "original_due_at", "rung", "owner", "status")
    for task in Task.objects.unfinished().filter(case=case).exclude(pk__in=kept):
        if (model := former.get((task.step, task.unit_id))) is None:
            continue
        for column in schedules.COLUMNS:
            setattr(task, column, getattr(model, column))
        task.original_due_at, task.rung = model.original_due_at, model.rung
        task.owner_id = model.owner_id
        task.status = "ASSIGNED" if model.owner_id else "NEW"
        task.save(update_fields=columns)


# What is written


def _write(
    way: _Way,
    subject: Subject,
    tasks: Sequence[Task],
    by: Any,
    at: datetime.datetime,
    role: str,
) -> None:
    """Change the version, then the state, the trail, the signatures and the tasks."""
    case, state = subject.case, subject.case.state
    situation = situations.situation_of(way.before, subject, by=by, at=at)
    cases.carry_over(case, way.after, state=way.state, returns_to=way.returns_to)
    case.version += 1
    case.changed_at = at
    renamed = _rename(way, case, tasks)
    pending, struck = _signed(way, situation.pending)
    event = chain.append(case, _entry(way, case, state, renamed, by, at, role))
    case.awaits_signatures = bool(signatures.strike(case, pending, struck, event))
    case.save()
    Journey.objects.filter(pk=case.pk).update(
        flow_class=flow_of(way.after.name, way.after.version)
    )
    parties = situation.standing.parties
    progress.realign(subject, tasks, parties, pending, at)
    for step in flow_of(way.after.name, way.after.version).wanted(case.state, pending):
        if step.must_be_asked and not parties.get(step.asks):
            label = way.after.role_label(step.asks)
            raise TransferRefused(f"« {label} » : aucune unité ne tient ce rôle.")


def _rename(way: _Way, case: Case, tasks: Sequence[Task]) -> list[tuple[int, str, str]]:
    """Give the tasks that stay the name they have in the other version."""
    steps = {s.name: s for s in flow_of(way.after.name, way.after.version).steps()}
    renamed, taken = [], set[tuple[str, int]]()
    for task in tasks:
        step: Step | None = steps.get(way.steps.get(task.pk, ""))
        if step is None or step.asks != task.role or (step.name, task.unit_id) in taken:
            continue
        taken.add((step.name, task.unit_id))
        if step.name != task.step:
            renamed.append((task.pk, task.step, step.name))
        task.flow_task, task.step, task.label = step, step.name, step.task_title
        task.stage = case.stage
        task.save(update_fields=["flow_task", "step", "label", "stage"])
    return renamed


def _signed(way: _Way, pending: Pending) -> tuple[Pending, set[str]]:
    """Return the signatures that are kept, and the moves whose own are struck out."""
    lawful = {
        move.name: {*move.by.roles}
        for move in way.after.moves_from(way.state)
        if move.by.needs_signatures and way.transfer.keeps_signatures
    }
    kept = {
        name: roles
        for name, roles in pending.items()
        if name in lawful and roles < lawful[name]
    }
    return kept, set(pending) - kept.keys()


def _entry(
    way: _Way,
    case: Case,
    state: str,
    renamed: Sequence[tuple[int, str, str]],
    by: Any,
    at: datetime.datetime,
    role: str,
) -> chain.Entry:
    return chain.Entry(
        kind=verify.MIGRATED,
        actor=by,
        at=at,
        role=role,
        facts={
            "from": state,
            "to": case.state,
            "transfer": way.transfer.pk,
            "undoes": way.undoes,
            "version_before": way.before.version,
            "version_after": way.after.version,
            "digest_before": way.before.digest,
            "digest_after": way.after.digest,
            "renamed": [list(one) for one in renamed],
        },
        texts={"reason": way.transfer.reason},
    )
