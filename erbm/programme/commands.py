"""What those who keep the programme can do: set its rules, open and share credits."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from erbm import changes
from erbm.programme import envelopes, powers
from erbm.programme.models import (
    Campaign,
    Envelope,
    Level,
    Mark,
    SchemeRule,
    ServicePlan,
    Tag,
    Tagging,
)
from erbm.programme.models.rules import SETTINGS, differing
from erbm.programme.rules import rule
from erbm.programme.schemes import Scheme
from erbm.territory.models import Arrondissement
from workflow import refused
from workflow.answers import MoveRefused
from workflow.deadlines import local_day
from workflow.models import Case, EntryKind
from workflow.refusals import Ground, Refusal
from workflow.standing import memberships_of
from workflow.trail import register

AMOUNTS = ("granted_cents", "delegated_cents")
CHANGED_SINCE = (
    "Quelqu’un d’autre vient d’y toucher : relisez ce qui est en vigueur, "
    "puis recommencez s’il y a lieu."
)


@dataclass(frozen=True, slots=True)
class RuleChange:
    """New values of some settings of a scheme, and the text that they come from."""

    values: Mapping[str, Any]
    mark: Mark
    source: str


def change_rule(
    *,
    scheme: Scheme,
    year: int,
    change: RuleChange,
    seen: int,
    by: Any,
    at: datetime.datetime,
) -> SchemeRule:
    """
    Write a new version of the rules of a scheme, from a year on.

    :raises MoveRefused: if the person does not keep the rules, changes nothing, or
        has not seen the version in force
    """
    with refused.kept("change_rule", by=by, at=at):
        powers.demand(memberships_of(by, local_day(at)), powers.KEEPERS)
        former = rule(scheme, year)
        if former.pk != seen:
            raise _refusal(CHANGED_SINCE)
        new = _next_version(former, year, change, by=by, at=at)
        if not (names := list(differing(former, new))):
            raise _refusal("Aucune valeur n’est changée.")
        if faults := list(_contradictions(new)):
            raise MoveRefused(faults)
        new.save(force_insert=True)
        columns = ["scheme", "year", "version", "mark", "source", *names]
        changes.note(
            new,
            changes.values_of(former, columns),
            changes.values_of(new, columns),
            listed=("cumul", "list_by"),
            by=by,
            at=at,
        )
        return new


def _next_version(
    former: SchemeRule,
    year: int,
    change: RuleChange,
    *,
    by: Any,
    at: datetime.datetime,
) -> SchemeRule:
    kept = {name: getattr(former, name) for name in SETTINGS}
    given = {name: change.values[name] for name in SETTINGS if name in change.values}
    origin = [change.mark.value, change.source]
    fresh = {name: origin for name, value in given.items() if value != kept[name]}
    return SchemeRule(
        scheme=former.scheme,
        year=year,
        version=former.version + 1 if former.year == year else 1,
        mark=change.mark,
        source=change.source,
        author=by,
        at=at,
        origins=former.origins | fresh,
        **kept | given,
    )


def _contradictions(one: SchemeRule) -> Iterator[Refusal]:
    """Say which settings of a version cannot hold together."""
    for name in SETTINGS:
        value = getattr(one, name)
        if name.endswith("_percent") and value is not None and value > 100:
            yield Refusal(Ground.INPUT, "Un taux ne dépasse pas 100 %.", field=name)
    for low, high, why in (
        ("floor_percent", "ceiling_percent", "Le taux minimal dépasse le maximal."),
        ("advance_percent", "instalments_percent", "L’avance dépasse les acomptes."),
    ):
        least, most = getattr(one, low), getattr(one, high)
        if least is not None and most is not None and least > most:
            yield Refusal(Ground.INPUT, why, field=low)


@dataclass(frozen=True, slots=True)
class Place:
    """Where credits go: the whole region, a département or an arrondissement."""

    level: Level
    departement: str = ""
    arrondissement: Arrondissement | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of the envelope of this place."""
        jurisdiction = self.arrondissement and self.arrondissement.jurisdiction
        return {
            "level": self.level,
            "departement": self.departement,
            "jurisdiction": jurisdiction,
        }


def open_envelope(
    *, scheme: Scheme, year: int, cents: int, by: Any, at: datetime.datetime
) -> Envelope:
    """
    Open the envelope of the region for a scheme and a year.

    :raises MoveRefused: if the person does not keep credits, or it is open already
    """
    with refused.kept("open_envelope", by=by, at=at):
        powers.demand(memberships_of(by, local_day(at)), powers.TREASURERS)
        said = {"scheme": scheme, "year": year, **Place(Level.REGION).columns}
        envelope, is_new = Envelope.objects.get_or_create(
            **said, defaults={"granted_cents": cents}
        )
        if not is_new:
            why = f"L’enveloppe {envelope} est déjà ouverte."
            raise MoveRefused([Refusal(Ground.INPUT, why, field="scheme")])
        after = changes.values_of(envelope, ["scheme", "year", *AMOUNTS])
        changes.note(envelope, {}, after, by=by, at=at)
        return envelope


def grant_credits(
    *, envelope_id: int, cents: int, seen: int, by: Any, at: datetime.datetime
) -> None:
    """
    Add credits to the envelope of the region, or cut them if below zero.

    `seen` is what it held when the person looked at it.

    :raises MoveRefused: if the person does not keep credits, or what is cut is used
    """
    with refused.kept("grant_credits", by=by, at=at):
        envelope = _seen(envelope_id, "granted_cents", seen, by=by, at=at)
        before = changes.values_of(envelope, AMOUNTS)
        envelopes.grant(envelope.pk, cents)
        _note(envelope, before, by=by, at=at)


def delegate_credits(
    *,
    envelope_id: int,
    place: Place,
    cents: int,
    seen: int,
    by: Any,
    at: datetime.datetime,
) -> Envelope:
    """
    Hand credits over to the envelope of a place below, opened if it is not there.

    `seen` is what was delegated already when the person looked at it.

    :raises MoveRefused: if the person does not keep credits, the place is not below,
        or less is free
    """
    with refused.kept("delegate_credits", by=by, at=at):
        parent = _seen(envelope_id, "delegated_cents", seen, by=by, at=at)
        if not _is_below(parent, place):
            why = "Une enveloppe se délègue à l’échelon d’en dessous."
            raise MoveRefused([Refusal(Ground.INPUT, why, field="place")])
        child, _ = Envelope.objects.get_or_create(
            scheme=parent.scheme,
            year=parent.year,
            **place.columns,
            defaults={"parent": parent},
        )
        befores = [(one, changes.values_of(one, AMOUNTS)) for one in (parent, child)]
        envelopes.delegate(parent.pk, child.pk, cents)
        for one, before in befores:
            _note(one, before, by=by, at=at)
        return child


def recall_credits(
    *, envelope_id: int, cents: int, seen: int, by: Any, at: datetime.datetime
) -> None:
    """
    Take credits back from an envelope into that which delegated them.

    `seen` is what the envelope held when the person looked at it.

    :raises MoveRefused: if the person does not keep credits, or less is free
    """
    with refused.kept("recall_credits", by=by, at=at):
        child = _seen(envelope_id, "granted_cents", seen, by=by, at=at)
        if child.parent is None:
            raise _refusal("Cette enveloppe n’est pas une délégation.")
        parent = child.parent
        befores = [(one, changes.values_of(one, AMOUNTS)) for one in (parent, child)]
        envelopes.recall(parent.pk, child.pk, cents)
        for one, before in befores:
            _note(one, before, by=by, at=at)


# Campaigns, tags, what services plan


def keep_row(
    *, row: Campaign | ServicePlan, names: Sequence[str], by: Any, at: datetime.datetime
) -> None:
    """
    Write a campaign, or a line of what a service plans, new or changed.

    :raises MoveRefused: if the person does not keep the programme
    """
    with refused.kept("keep_row", by=by, at=at):
        powers.demand(memberships_of(by, local_day(at)), powers.KEEPERS)
        stored = type(row)._default_manager.filter(pk=row.pk).first()
        before = changes.values_of(stored, names) if stored else {}
        row.save()
        changes.note(row, before, changes.values_of(row, names), by=by, at=at)


def set_tag(
    *, tag: Tag, case: Case, is_on: bool, by: Any, at: datetime.datetime
) -> None:
    """
    Count a case under a tag, or no more.

    :raises MoveRefused: if the person does not keep the programme
    """
    with refused.kept("set_tag", by=by, at=at, pk=case.pk):
        powers.demand(memberships_of(by, local_day(at)), powers.KEEPERS)
        found = Tagging.objects.filter(tag=tag, case=case)
        if found.exists() == is_on:
            return
        if is_on:
            Tagging.objects.create(tag=tag, case=case)
        else:
            found.delete()
        register.enter(
            EntryKind.CONFIGURED,
            by=by,
            at=at,
            case=case,
            facts={
                "table": tag._meta.label_lower,
                "row": tag.pk,
                "deed": "change",
                "changes": {"taggings": [not is_on, is_on]},
            },
        )


def _seen(
    envelope_id: int, column: str, seen: int, *, by: Any, at: datetime.datetime
) -> Envelope:
    """Lock an envelope for somebody who keeps credits, as she saw it."""
    powers.demand(memberships_of(by, local_day(at)), powers.TREASURERS)
    envelope = Envelope.objects.select_for_update(of=("self",)).get(pk=envelope_id)
    if getattr(envelope, column) != seen:
        raise _refusal(CHANGED_SINCE)
    return envelope


def _is_below(parent: Envelope, place: Place) -> bool:
    return place.level == Level(parent.level).below and (
        not parent.departement or parent.departement == place.departement
    )


def _note(
    envelope: Envelope, before: Mapping[str, Any], *, by: Any, at: datetime.datetime
) -> None:
    envelope.refresh_from_db(fields=AMOUNTS)
    after = changes.values_of(envelope, AMOUNTS)
    changes.note(envelope, before, after, by=by, at=at)


def _refusal(message: str) -> MoveRefused:
    return MoveRefused([Refusal(Ground.REQUIREMENT, message)])
