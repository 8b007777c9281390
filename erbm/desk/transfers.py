"""What those in charge of the versions can do: carry cases from one to another."""

import datetime
from collections.abc import Callable, Collection
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from flows.roles import Role
from workflow import transfers
from workflow.cases import binding_of
from workflow.deadlines import local_day
from workflow.models import Case, Membership, Transfer
from workflow.standing import one_at_a_time
from workflow.transfers import Report, Request, TransferRefused

__all__ = [
    "AT_ONCE",
    "IN_CHARGE",
    "MOST",
    "NotInCharge",
    "Report",
    "Request",
    "TransferRefused",
    "bring_back",
    "carry",
    "prepare",
    "role_of",
    "try_out",
]

IN_CHARGE = (Role.PROJECT_DIRECTOR, Role.ADMINISTRATOR)
MOST = 500
"""How many cases are prepared from a page: the trial is made while one waits."""
AT_ONCE = 200
"""How many pass at each click."""

Clock = Callable[[], datetime.datetime]


class NotInCharge(LookupError):
    """The versions are not for this person, or there is no such transfer."""


def role_of(person: Any, on: datetime.date) -> Role | None:
    """Return the role in which a person answers for the versions, if she has one."""
    held = set(
        Membership.objects.current(on)
        .filter(user=person, role__in=IN_CHARGE)
        .values_list("role", flat=True)
    )
    return next((role for role in IN_CHARGE if role in held), None)


def prepare(
    *,
    request: Request,
    references: Collection[str],
    with_closed: bool,
    by: Any,
    at: datetime.datetime,
) -> Transfer:
    """
    Write a transfer down, for some cases or for all, and try it; once for each key.

    :raises NotInCharge: if the versions are not for this person
    :raises TransferRefused: if it leads nowhere, or if cases cannot be chosen so
    """
    _role(by, at)
    with transaction.atomic():
        one_at_a_time(by)
        if request.key and (kept := transfers.already_prepared(request.key, by=by)):
            return kept
        chosen = _chosen(request, references, with_closed=with_closed)
        transfer = transfers.prepare(request, chosen, by=by, at=at)
    transfers.attempt(transfer, by=by, at=at)
    return transfer


def _chosen(
    request: Request, references: Collection[str], *, with_closed: bool
) -> "QuerySet[Case]":
    """Return the cases that are meant, no more than a page bears."""
    follow = Case.objects.filter(
        process=request.process, process_version=request.before
    )
    chosen = _among(follow, request, references, with_closed=with_closed)
    if chosen.count() > MOST:
        raise TransferRefused(
            f"{MOST} dossiers au plus depuis cette page : choisissez-les, ou demandez "
            "la migration à l’exploitant."
        )
    return chosen


def _among(
    follow: "QuerySet[Case]",
    request: Request,
    references: Collection[str],
    *,
    with_closed: bool,
) -> "QuerySet[Case]":
    if references:
        chosen = follow.filter(reference__in=references)
        known = set(chosen.values_list("reference", flat=True))
        if strangers := sorted(set(references) - known):
            raise TransferRefused(
                f"Ne suivent pas cette version : {', '.join(strangers)}."
            )
        return chosen
    if with_closed:
        return follow
    process = binding_of(request.process, request.before).process
    return follow.exclude(state__in=process.final)


def try_out(*, transfer_id: int, by: Any, at: datetime.datetime) -> Report:
    """
    Try again, without a trace, the cases that have not passed.

    :raises NotInCharge: if there is none, or it is not for this person
    """
    _role(by, at)
    return transfers.attempt(_transfer(transfer_id), by=by, at=at)


def carry(*, transfer_id: int, by: Any, clock: Clock) -> Report:
    """
    Let some of the cases pass, each in its transaction.

    :raises NotInCharge: if there is none, or it is not for this person
    """
    role = _role(by, clock())
    transfer = _transfer(transfer_id)
    return transfers.run(transfer, limit=AT_ONCE, by=by, clock=clock, role=role)


def bring_back(*, transfer_id: int, by: Any, clock: Clock) -> Report:
    """
    Bring some of the cases back, unless anything happened to them since.

    :raises NotInCharge: if there is none, or it is not for this person
    """
    role = _role(by, clock())
    transfer = _transfer(transfer_id)
    return transfers.bring_back(transfer, limit=AT_ONCE, by=by, clock=clock, role=role)


def _role(by: Any, at: datetime.datetime) -> Role:
    role = role_of(by, local_day(at))
    if role is None:
        raise NotInCharge
    return role


def _transfer(transfer_id: int) -> Transfer:
    transfer = Transfer.objects.filter(pk=transfer_id).first()
    if transfer is None:
        raise NotInCharge(transfer_id)
    return transfer
