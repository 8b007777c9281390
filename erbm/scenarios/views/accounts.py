"""Campaigns, tags and what services plan: with what they add up to."""

from typing import Any

from django.contrib import messages
from django.db.models import Sum
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from erbm.operations.models import Operation
from erbm.programme import commands, powers
from erbm.programme.forms import CampaignForm, ServicePlanForm, TagForm
from erbm.programme.models import Campaign, ServicePlan, Tag
from erbm.programme.views.access import for_services, may, only
from erbm.scenarios import totals


@require_safe
@for_services
def campaigns(request: HttpRequest) -> HttpResponse:
    """List the campaigns, with what was received during each."""
    known = Campaign.objects.order_by("-opens_on", "pk")
    rows = [(one, totals.of(totals.received_in(one))) for one in known]
    context = {"rows": rows, "keeps": may(request, powers.KEEPERS)}
    return render(request, "scenarios/campaigns.html", context)


@require_safe
@for_services
def campaign(request: HttpRequest, *, pk: int) -> HttpResponse:
    """Show a campaign, and the operations received while it was open."""
    found = get_object_or_404(Campaign, pk=pk)
    received = totals.received_in(found)
    context = {
        "campaign": found,
        "total": totals.of(received),
        "operations": received,
        "keeps": may(request, powers.KEEPERS),
    }
    return render(request, "scenarios/campaign.html", context)


@only(powers.KEEPERS)
def campaign_edit(request: HttpRequest, *, pk: int | None = None) -> HttpResponse:
    """Write a campaign, new or changed."""
    found = get_object_or_404(Campaign, pk=pk) if pk else None
    form = CampaignForm(request.POST or None, instance=found)
    return _keep(request, form, "Campagne", "scenarios:campaigns")


@require_safe
@for_services
def plans(request: HttpRequest) -> HttpResponse:
    """Show what services and operators plan, year by year."""
    known = ServicePlan.objects.select_related("unit", "theme")
    years = known.values("year").annotate(
        planned=Sum("planned_cents"), spent=Sum("spent_cents")
    )
    context = {
        "plans": known.order_by("-year", "unit__short_name", "label"),
        "years": years.order_by("-year"),
        "keeps": may(request, powers.KEEPERS),
    }
    return render(request, "scenarios/plans.html", context)


@only(powers.KEEPERS)
def plan_edit(request: HttpRequest, *, pk: int | None = None) -> HttpResponse:
    """Write a line of what a service plans, new or changed."""
    found = get_object_or_404(ServicePlan, pk=pk) if pk else None
    initial = {} if found else {"year": timezone.localdate().year}
    form = ServicePlanForm(request.POST or None, instance=found, initial=initial)
    return _keep(request, form, "Programmation d’un service", "scenarios:plans")


def _keep(
    request: HttpRequest, form: "ModelForm[Any]", title: str, after: str
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        commands.keep_row(
            row=form.save(commit=False),
            names=list(form.fields),
            by=request.user,
            at=timezone.now(),
        )
        messages.success(request, "C’est enregistré, et inscrit au registre.")
        return redirect(after)
    context = {"form": form, "title": title, "after": after}
    status = 422 if form.errors else 200
    return render(request, "scenarios/keep.html", context, status=status)


@require_safe
@for_services
def tags(request: HttpRequest) -> HttpResponse:
    """Show what the operations of each tag add up to."""
    known = Tag.objects.order_by("rank", "label")
    rows = [(one, totals.of(totals.tagged(one))) for one in known]
    return render(request, "scenarios/tags.html", {"rows": rows})


@require_safe
@for_services
def tag(request: HttpRequest, *, code: str) -> HttpResponse:
    """Show the operations that count under a tag."""
    return _tag_page(request, get_object_or_404(Tag, code=code), TagForm())


def _tag_page(request: HttpRequest, found: Tag, form: TagForm) -> HttpResponse:
    operations = totals.tagged(found)
    context = {
        "tag": found,
        "total": totals.of(operations),
        "operations": operations,
        "form": form,
        "keeps": may(request, powers.KEEPERS),
    }
    status = 422 if form.errors else 200
    return render(request, "scenarios/tag.html", context, status=status)


@require_POST
@only(powers.KEEPERS)
def tag_add(request: HttpRequest, *, code: str) -> HttpResponse:
    """Count one more operation under a tag."""
    found, form = get_object_or_404(Tag, code=code), TagForm(request.POST)
    if not form.is_valid():
        return _tag_page(request, found, form)
    reference = form.cleaned_data["reference"].strip().upper()
    known = Operation.objects.select_related("case")
    operation = known.filter(case__reference=reference).first()
    if operation is None:
        form.add_error("reference", "Aucune opération ne porte cette référence.")
        return _tag_page(request, found, form)
    return _set(request, found, operation, is_on=True)


@require_POST
@only(powers.KEEPERS)
def tag_remove(request: HttpRequest, *, code: str, pk: int) -> HttpResponse:
    """Count an operation no more under a tag."""
    found = get_object_or_404(Tag, code=code)
    operation = get_object_or_404(Operation.objects.select_related("case"), pk=pk)
    return _set(request, found, operation, is_on=False)


def _set(
    request: HttpRequest, found: Tag, operation: Operation, *, is_on: bool
) -> HttpResponse:
    commands.set_tag(
        tag=found,
        case=operation.case,
        is_on=is_on,
        by=request.user,
        at=timezone.now(),
    )
    return redirect("scenarios:tag", found.code)
