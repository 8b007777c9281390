"""The scenarios: listed, drawn up, read, corrected, compared, adopted, dropped."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from erbm.forms import explain
from erbm.programme import powers
from erbm.programme.views.access import for_services, may, only
from erbm.scenarios import commands, queries
from erbm.scenarios.candidates import LABELS, Criterion
from erbm.scenarios.forms import AmountsForm, ScenarioForm, SeenForm
from erbm.scenarios.models import Scenario, Share, State
from workflow.answers import MoveRefused


@require_safe
@for_services
def index(request: HttpRequest) -> HttpResponse:
    """List the scenarios, the latest first."""
    known = Scenario.objects.with_envelope().counted().order_by("-at", "-pk")
    asked = request.GET.get("enveloppe", "")
    if asked.isascii() and asked.isdecimal() and len(asked) < 19:
        known = known.filter(envelope=int(asked))
    context = {"scenarios": known, "keeps": may(request, powers.TREASURERS)}
    return render(request, "scenarios/index.html", context)


@only(powers.TREASURERS)
def new(request: HttpRequest) -> HttpResponse:
    """Draw a scenario up."""
    form = ScenarioForm(request.POST or None, initial=_asked(request))
    if request.method == "POST" and form.is_valid():
        try:
            scenario = commands.draw_up(
                wanted=form.wanted, by=request.user, at=timezone.now()
            )
        except MoveRefused as refused:
            explain(form, refused.refusals)
        else:
            return redirect("scenarios:scenario", scenario.pk)
    status = 422 if form.errors else 200
    return render(request, "scenarios/new.html", {"form": form}, status=status)


def _asked(request: HttpRequest) -> dict[str, Any]:
    return {"envelope": request.GET.get("enveloppe", "")}


@require_safe
@for_services
def show(request: HttpRequest, *, pk: int) -> HttpResponse:
    """Show what a scenario gives, what it leaves out, and why."""
    return _page(request, _scenario(pk))


def _page(
    request: HttpRequest, scenario: Scenario, refused: MoveRefused | None = None
) -> HttpResponse:
    (summary,) = queries.summaries_of([scenario])
    grants = queries.taken_over(summary) if scenario.state == State.ADOPTED else {}
    others = scenario.envelope.scenarios.exclude(pk=scenario.pk).order_by("-at")
    context = {
        "scenario": scenario,
        "summary": summary,
        "chosen": [(one, grants.get(one.operation_id, [])) for one in summary.chosen],
        "territories": _parts(summary, summary.by_territory()),
        "themes": _parts(summary, summary.by_theme()),
        "weights": [
            (LABELS[one], scenario.weights.get(one, 0))
            for one in Criterion
            if scenario.weights.get(one)
        ],
        "others": others,
        "keeps": may(request, powers.TREASURERS),
        "seen": SeenForm(initial={"seen": scenario.version}),
        "refusals": refused.refusals if refused else (),
    }
    status = 422 if refused else 200
    return render(request, "scenarios/scenario.html", context, status=status)


def _parts(
    summary: queries.Summary, amounts: dict[str, int]
) -> list[tuple[str, int, Any]]:
    return [(name, cents, summary.part(cents)) for name, cents in amounts.items()]


@only(powers.TREASURERS)
def edit(request: HttpRequest, *, pk: int) -> HttpResponse:
    """Correct by hand what a draft gives."""
    scenario = _scenario(pk)
    items = list(scenario.shares.with_facts().in_order())
    form = AmountsForm(
        request.POST or None, items=items, initial={"seen": scenario.version}
    )
    if request.method == "POST" and form.is_valid():
        try:
            commands.set_amounts(
                scenario_id=pk,
                amounts=form.amounts,
                reasons=form.reasons,
                seen=form.cleaned_data["seen"],
                by=request.user,
                at=timezone.now(),
            )
        except MoveRefused as refused:
            explain(form, refused.refusals)
        else:
            messages.success(request, "Le scénario est corrigé.")
            return redirect("scenarios:scenario", pk)
    context = {"scenario": scenario, "form": form}
    status = 422 if form.errors else 200
    return render(request, "scenarios/edit.html", context, status=status)


@require_safe
@for_services
def compare(request: HttpRequest, *, pk: int, other_pk: int) -> HttpResponse:
    """Show two scenarios side by side, and where they differ."""
    known = Scenario.objects.with_envelope().in_bulk([pk, other_pk])
    if not {pk, other_pk} <= known.keys():
        raise Http404
    left, right = queries.summaries_of([known[pk], known[other_pk]])
    context = {
        "left": left,
        "right": right,
        "territories": queries.side_by_side(left.by_territory(), right.by_territory()),
        "themes": queries.side_by_side(left.by_theme(), right.by_theme()),
        "differences": queries.differences(left, right),
    }
    return render(request, "scenarios/compare.html", context)


@require_POST
@only(powers.TREASURERS)
def adopt(request: HttpRequest, *, pk: int) -> HttpResponse:
    """Reserve at once all that a scenario gives."""
    return _decide(request, pk, commands.adopt, "Le scénario est adopté.")


@require_POST
@only(powers.TREASURERS)
def drop(request: HttpRequest, *, pk: int) -> HttpResponse:
    """Put a draft away."""
    return _decide(request, pk, commands.drop, "Le scénario est abandonné.")


def _decide(request: HttpRequest, pk: int, act: Any, told: str) -> HttpResponse:
    scenario = _scenario(pk)
    form = SeenForm(request.POST)
    seen = form.cleaned_data["seen"] if form.is_valid() else -1
    try:
        act(scenario_id=pk, seen=seen, by=request.user, at=timezone.now())
    except MoveRefused as refused:
        return _page(request, scenario, refused)
    messages.success(request, told)
    return redirect("scenarios:scenario", pk)


@require_POST
@only(powers.TREASURERS)
def release(request: HttpRequest, *, pk: int, item_id: int) -> HttpResponse:
    """Set free what is reserved for one operation."""
    scenario = _scenario(pk)
    item = get_object_or_404(Share, pk=item_id, scenario=scenario)
    try:
        commands.release(item_id=item.pk, by=request.user, at=timezone.now())
    except MoveRefused as refused:
        return _page(request, scenario, refused)
    messages.success(request, "La réservation est levée.")
    return redirect("scenarios:scenario", pk)


def _scenario(pk: int) -> Scenario:
    return get_object_or_404(Scenario.objects.with_envelope(), pk=pk)
