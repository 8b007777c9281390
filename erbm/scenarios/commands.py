"""What is done with a scenario: drawn up, corrected by hand, adopted, dropped."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from erbm import changes
from erbm.programme import powers, reservations
from erbm.programme.models import Envelope
from erbm.scenarios.candidates import Allocation, Room, scored
from erbm.scenarios.models import Method, Scenario, Share, State
from erbm.scenarios.queries import candidates_of
from erbm.scenarios.sharing import BY_HAND, share_out
from erbm.words import money
from workflow import refused
from workflow.answers import MoveRefused
from workflow.deadlines import local_day
from workflow.refusals import Ground, Refusal
from workflow.standing import memberships_of

LESS_BY_HAND = "Montant réduit à la main."
LIMIT = 600


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a scenario is to share an envelope."""

    envelope_id: int
    name: str
    method: Method
    weights: Mapping[str, int] = field(default_factory=dict)
    themes: Sequence[str] = field(default_factory=tuple)
    cap_percent: int | None = None
    with_drafts: bool = False


def draw_up(*, wanted: Wanted, by: Any, at: datetime.datetime) -> Scenario:
    """
    Share what is free in an envelope among those that ask for it, as a draft.

    :raises MoveRefused: if the person does not keep credits, or nobody asks
    """
    with refused.kept("draw_up", by=by, at=at):
        _demand(by, at)
        envelope = Envelope.objects.with_places().get(pk=wanted.envelope_id)
        found = candidates_of(envelope, with_drafts=wanted.with_drafts)
        if not found:
            raise _refusal("Aucune opération ne demande de crédits à cette enveloppe.")
        ranked = scored(found, wanted.weights, wanted.themes)
        room = Room(envelope.free_cents, wanted.cap_percent)
        allocation = share_out(ranked, room, wanted.method)
        scenario = Scenario.objects.create(
            envelope=envelope,
            name=wanted.name,
            method=wanted.method,
            weights=dict(wanted.weights),
            themes=list(wanted.themes),
            cap_percent=wanted.cap_percent,
            with_drafts=wanted.with_drafts,
            room_cents=room.cents,
            note=allocation.note,
            author=by,
            at=at,
        )
        Share.objects.bulk_create(_items(scenario, envelope, allocation))
        return scenario


def _items(
    scenario: Scenario, envelope: Envelope, allocation: Allocation
) -> list[Share]:
    return [
        Share(
            scenario=scenario,
            operation_id=choice.candidate.operation_id,
            scheme=envelope.scheme,
            rank=rank,
            requested_cents=choice.candidate.cents,
            granted_cents=choice.cents,
            dwellings=choice.candidate.dwellings,
            score=choice.candidate.score,
            reason=choice.reason[:LIMIT],
        )
        for rank, choice in enumerate(allocation.choices, start=1)
    ]


def set_amounts(
    *,
    scenario_id: int,
    amounts: Mapping[int, int],
    reasons: Mapping[int, str],
    seen: int,
    by: Any,
    at: datetime.datetime,
) -> None:
    """
    Correct by hand what a draft gives; `amounts` and `reasons` are by item.

    :raises MoveRefused: if the person does not keep credits, the scenario is decided
        or has changed, or an amount is more than is asked for or than there is
    """
    with refused.kept("set_amounts", by=by, at=at):
        scenario = _open(scenario_id, seen, by=by, at=at)
        items = list(scenario.shares.all())
        for item in items:
            _correct(
                item,
                amounts.get(item.pk, item.granted_cents),
                reasons.get(item.pk, ""),
            )
        total = sum(item.granted_cents for item in items)
        if total > scenario.room_cents:
            raise _refusal(
                f"Ce scénario donnerait {money(total)} : il n’y a que "
                f"{money(scenario.room_cents)} à répartir."
            )
        Share.objects.bulk_update(items, ["granted_cents", "reason"])
        scenario.version += 1
        scenario.save(update_fields=["version"])


def _correct(item: Share, cents: int, reason: str) -> None:
    if cents == item.granted_cents and not reason:
        return
    if not 0 <= cents <= item.requested_cents:
        why = f"{money(item.requested_cents)} au plus : c’est ce qui est demandé."
        raise MoveRefused([Refusal(Ground.INPUT, why, field=f"cents-{item.pk}")])
    usual = "" if cents == item.requested_cents else LESS_BY_HAND if cents else BY_HAND
    item.granted_cents, item.reason = cents, (reason or usual)[:LIMIT]


def adopt(*, scenario_id: int, seen: int, by: Any, at: datetime.datetime) -> Scenario:
    """
    Reserve in the envelope all that a scenario gives: all of it, or nothing.

    Grants take it over as they are programmed. What it leaves out stays with it, and
    why.

    :raises MoveRefused: if the person does not keep credits, the scenario is decided
        or has changed, gives nothing, or the envelope no longer holds enough
    """
    with refused.kept("adopt", by=by, at=at):
        scenario = _open(scenario_id, seen, by=by, at=at)
        items = list(scenario.shares.chosen().with_facts())
        if not items:
            raise _refusal("Ce scénario ne donne rien à personne.")
        if faults := _no_longer_asking(scenario, items):
            raise MoveRefused(faults)
        envelope = scenario.envelope
        before = changes.values_of(envelope, ["reserved_cents"])
        wanted = {item.operation_id: item.granted_cents for item in items}
        held = reservations.hold(envelope, wanted)
        for item in items:
            item.reservation = held[item.operation_id]
        Share.objects.bulk_update(items, ["reservation"])
        _decide(scenario, State.ADOPTED, by=by, at=at)
        envelope.refresh_from_db(fields=["reserved_cents"])
        after = changes.values_of(envelope, ["reserved_cents"])
        changes.note(envelope, before, after, by=by, at=at)
        return scenario


def _no_longer_asking(scenario: Scenario, items: Sequence[Share]) -> list[Refusal]:
    """Say which operations have changed so much since that they cannot be given it."""
    asking = {
        one.operation_id: one.cents
        for one in candidates_of(scenario.envelope, with_drafts=scenario.with_drafts)
    }
    return [
        Refusal(
            Ground.REQUIREMENT,
            f"{item.operation.case.reference} ne demande plus "
            f"{money(item.granted_cents)} à cette enveloppe.",
        )
        for item in items
        if asking.get(item.operation_id, 0) < item.granted_cents
    ]


def drop(*, scenario_id: int, seen: int, by: Any, at: datetime.datetime) -> None:
    """
    Put a draft away: it can still be read.

    :raises MoveRefused: if the person does not keep credits, or it is decided
    """
    with refused.kept("drop", by=by, at=at):
        _decide(_open(scenario_id, seen, by=by, at=at), State.DROPPED, by=by, at=at)


def release(*, item_id: int, by: Any, at: datetime.datetime) -> None:
    """
    Set free what an adopted scenario has reserved for one operation.

    :raises MoveRefused: if the person does not keep credits, or nothing is reserved,
        since a grant may have taken it over
    """
    with refused.kept("release", by=by, at=at):
        _demand(by, at)
        items = Share.objects.select_related("scenario__envelope", "reservation")
        item = items.get(pk=item_id)
        envelope = item.scenario.envelope
        before = changes.values_of(envelope, ["reserved_cents"])
        reservations.lift(item.reservation)
        envelope.refresh_from_db(fields=["reserved_cents"])
        after = changes.values_of(envelope, ["reserved_cents"])
        changes.note(envelope, before, after, by=by, at=at)


def _open(scenario_id: int, seen: int, *, by: Any, at: datetime.datetime) -> Scenario:
    """Lock a draft for somebody who keeps credits, as she saw it."""
    _demand(by, at)
    known = Scenario.objects.select_for_update(of=("self",))
    scenario = known.select_related("envelope").get(pk=scenario_id)
    if not scenario.is_open:
        raise _refusal(f"Ce scénario est {scenario.get_state_display().lower()}.")
    if scenario.version != seen:
        raise _refusal("Quelqu’un d’autre vient de le corriger : relisez-le.")
    return scenario


def _decide(
    scenario: Scenario, state: State, *, by: Any, at: datetime.datetime
) -> None:
    before = changes.values_of(scenario, ["state"])
    scenario.state, scenario.decided_by, scenario.decided_at = state, by, at
    scenario.save(update_fields=["state", "decided_by", "decided_at"])
    after = changes.values_of(scenario, ["state"])
    changes.note(scenario, before, after, by=by, at=at)


def _demand(by: Any, at: datetime.datetime) -> None:
    powers.demand(memberships_of(by, local_day(at)), powers.TREASURERS)


def _refusal(message: str) -> MoveRefused:
    return MoveRefused([Refusal(Ground.REQUIREMENT, message)])
