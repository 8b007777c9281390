"""Apply the decisions of a sitting to their operations: all of them, or none."""

import datetime
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from workflow import engine, situations
from workflow.cases import process_of
from workflow.deadlines import local_day
from workflow.engine import Attempt, KeyReused, MoveRefused, Outcome, Receipt
from workflow.models import Case
from workflow.process import Move
from workflow.refusals import Ground, Refusal


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What was decided of one operation.

    - `label`: how a refusal names the item;
    - `move`: the name of the move it makes;
    - `seen`: the version of the operation of which it was decided.
    """

    case_id: int
    label: str
    move: str
    seen: int
    inputs: Mapping[str, Any]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Signing:
    """
    Those who close a sitting, the one who does it now last.

    - `signers`: the role in which each has signed, and who it is;
    - `on`: the day of the sitting, on which the decisions take effect.
    """

    signers: Sequence[tuple[str, Any]]
    on: datetime.date
    key: UUID
    at: datetime.datetime
    confirmed_at: datetime.datetime | None = None

    @property
    def effective_on(self) -> datetime.date | None:
        return None if self.on == local_day(self.at) else self.on


def apply(verdicts: Collection[Verdict], signing: Signing) -> None:
    """
    Make every move, under the locks of all the cases, taken in the same order.

    What several must sign is signed here by each of those who closed the sitting.

    :raises MoveRefused: if one of them cannot be made; every reason is said
    """
    cases = _locked(verdict.case_id for verdict in verdicts)
    _same_as_seen(verdicts, cases)
    for role, person in signing.signers:
        is_last = (role, person) == signing.signers[-1]
        theirs = [
            verdict
            for verdict in verdicts
            if _signs(role, verdict, cases[verdict.case_id], is_last=is_last)
        ]
        _fire(theirs, cases, signing, role, person)
        if not is_last:
            # Whoever signs next signs them as this one left them.
            cases |= _locked(verdict.case_id for verdict in theirs)


def _locked(case_ids: Iterable[int]) -> dict[int, Case]:
    found = Case.objects.select_for_update(of=("self",)).filter(pk__in=[*case_ids])
    # What names a move and says whether it is stale: the engine reads all the rest.
    return {case.pk: case for case in found.order_by("pk").only(*READ)}


READ = ("process", "process_version", "version", "awaits_signatures")


def _same_as_seen(verdicts: Iterable[Verdict], cases: Mapping[int, Case]) -> None:
    changed = [v for v in verdicts if cases[v.case_id].version != v.seen]
    if changed:
        raise MoveRefused(
            [
                Refusal(
                    Ground.STATE,
                    f"{verdict.label} : l’opération a changé depuis la décision ; "
                    "revoyez ce point.",
                )
                for verdict in changed
            ]
        )


def _signs(role: str, verdict: Verdict, case: Case, *, is_last: bool) -> bool:
    """Tell whether a signer has a move to make: her signature, or the last word."""
    move = _move(verdict, case)
    if not move.by.needs_signatures:
        return is_last
    signed, _ = situations.signatures(case)
    return role not in signed.get(move.name, frozenset())


def _move(verdict: Verdict, case: Case) -> Move:
    return process_of(case).move(verdict.move)


def _fire(
    verdicts: Collection[Verdict],
    cases: dict[int, Case],
    signing: Signing,
    role: str,
    person: Any,
) -> None:
    by_process: dict[str, dict[int, Attempt]] = {}
    for verdict in verdicts:
        case = cases[verdict.case_id]
        attempts = by_process.setdefault(case.process, {})
        attempts[case.pk] = Attempt(
            move=_move(verdict, case),
            by=person,
            at=signing.at,
            seen=case.version,
            key=uuid5(signing.key, f"{case.pk}.{role}"),
            reason=verdict.reason,
            inputs=verdict.inputs,
            effective_on=signing.effective_on,
            confirmed_at=signing.confirmed_at,
        )
    outcomes: dict[int, Outcome] = {}
    for attempts in by_process.values():
        process = process_of(cases[next(iter(attempts))])
        outcomes |= engine.fire_all(process, attempts, by=person, at=signing.at)
    if found := list(_refusals(verdicts, outcomes)):
        raise MoveRefused(found)


def _refusals(
    verdicts: Iterable[Verdict], outcomes: Mapping[int, Outcome]
) -> Iterable[Refusal]:
    for verdict in verdicts:
        match outcomes[verdict.case_id]:
            case Receipt():
                continue
            case MoveRefused() as refused:
                for refusal in refused.refusals:
                    message = f"{verdict.label} : {refusal.message}"
                    yield Refusal(refusal.ground, message)
            case KeyReused() as reused:
                raise reused
            case outcome:
                yield Refusal(Ground.STATE, f"{verdict.label} : {outcome}")
