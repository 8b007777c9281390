"""The rules of the bodies: read by who reads sittings, set by the project director."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm.committees import commands
from erbm.committees.forms import RulesForm, seat_forms
from erbm.committees.models import Body, BodyVersion
from erbm.committees.models.bodies import RULE_GROUPS
from erbm.forms import explain
from erbm.held import held_by
from erbm.programme import powers
from flows.roles import Role
from flows.sitting.lifecycle import READERS
from workflow.models import Unit


@require_safe
def show(request: HttpRequest, body_id: int) -> HttpResponse:
    """Show the rules and the seats of a body in force, and every former version."""
    body = _body(request, body_id)
    versions = list(body.versions.select_related("author").order_by("-version"))
    current = versions[0] if versions else BodyVersion(version=1, **body.ruled())
    units = dict(Unit.objects.values_list("code", "name"))
    context = {
        "body": body,
        "current": current,
        "groups": [
            (title, [(_label(name), current.shown(name)) for name in names])
            for title, names in RULE_GROUPS.items()
        ],
        "seats": [_seat(seat, units) for seat in current.seats],
        "versions": [
            (one, _differences(former, one, units) if former else [])
            for one, former in zip(versions, [*versions[1:], None], strict=True)
        ],
        "keepers": _keepers(),
        "keeps": _keeps(request),
    }
    return render(request, "committees/rules.html", context)


def change(request: HttpRequest, body_id: int) -> HttpResponse:
    """Write a new version of the rules and of the seats."""
    body = _body(request, body_id)
    if not _keeps(request):
        raise Http404
    data = request.POST if request.method == "POST" else None
    former = BodyVersion(**body.ruled())
    latest = body.versions.order_by("-version").values_list("version", flat=True)
    begun = {"seen": latest.first() or 1, "source": ""}
    form, seats = (
        RulesForm(data, instance=former, initial=begun),
        seat_forms(data, body),
    )
    if data is not None and all([form.is_valid(), seats.is_valid()]):
        try:
            commands.change_rules(
                body_id=body.pk,
                change=form.change(seats),
                seen=form.cleaned_data["seen"],
                by=request.user,
                at=timezone.now(),
            )
        except commands.MoveRefused as refused:
            explain(form, refused.refusals)
        else:
            messages.success(request, "La nouvelle version est en vigueur.")
            return redirect(reverse("committees:rules", args=[body.pk]))
    context = {
        "body": body,
        "form": form,
        "seats": seats,
        "keepers": _keepers(),
    }
    status = 422 if form.errors or seats.total_error_count() else 200
    return render(request, "committees/rules_change.html", context, status=status)


def _body(request: HttpRequest, body_id: int) -> Body:
    """
    Return a body to whoever reads sittings.

    :raises Http404: if there is none, or if she reads none
    """
    held = held_by(request, timezone.localdate())
    if not any(membership.role in READERS for membership in held):
        raise Http404
    return get_object_or_404(Body.objects.in_service(), pk=body_id)


def _keeps(request: HttpRequest) -> bool:
    return powers.holds(held_by(request, timezone.localdate()), powers.KEEPERS)


def _keepers() -> str:
    """Say who may change the rules."""
    return " ou ".join(role.label for role in Role if role in powers.KEEPERS)


def _label(name: str) -> str:
    label = str(BodyVersion._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    return label[:1].upper() + label[1:]


def _seat(seat: list[Any], units: dict[str, str]) -> tuple[str, str, str]:
    code, role, has_vote = seat
    voice = "délibérative" if has_vote else "consultative"
    return units.get(code, code), str(Role(role).label), voice


def _differences(
    former: BodyVersion, latter: BodyVersion, units: dict[str, str]
) -> list[tuple[str, str, str]]:
    """Say what a version changed: each rule, and the seats that came or went."""
    rules = [
        (_label(name), former.shown(name), latter.shown(name))
        for name in latter.differing(former)
        if name != "seats"
    ]
    gone = [seat for seat in former.seats if seat not in latter.seats]
    come = [seat for seat in latter.seats if seat not in former.seats]
    if gone or come:
        told = ["; ".join(_told(seat, units) for seat in some) for some in (gone, come)]
        rules.append(("Sièges", told[0] or "–", told[1] or "–"))
    return rules


def _told(seat: list[Any], units: dict[str, str]) -> str:
    unit, role, voice = _seat(seat, units)
    return f"{unit}, {role} (voix {voice})"
