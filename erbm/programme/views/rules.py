"""The rules of the schemes: read by everybody, changed by the project director."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm.forms import explain
from erbm.held import held_by
from erbm.programme import commands, powers, rules
from erbm.programme.forms import FIRST_YEAR, LAST_YEAR, RuleForm
from erbm.programme.models import SchemeRule
from erbm.programme.models.rules import GROUPS, differing
from erbm.programme.schemes import GRANTED, Scheme
from erbm.programme.views.access import may, only
from workflow.answers import MoveRefused

COMPARED = (
    "regime",
    "vat",
    "ceiling_percent",
    "own_share_percent",
    "advance_percent",
    "instalments_percent",
    "completeness_months",
    "start_months",
    "finish_months",
)
"""What the page of all the schemes shows of each."""


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Show the schemes side by side, for a year."""
    year = _year(request)
    known = rules.rules(year)
    columns = [_label(name) for name in COMPARED]
    rows = [
        (
            scheme,
            [
                (label, known[scheme].shown(name))
                for label, name in zip(columns, COMPARED, strict=True)
            ],
        )
        for scheme in GRANTED
        if scheme in known
    ]
    context = {
        "year": year,
        "columns": columns,
        "rows": rows,
        "sees_money": _sees_money(request),
    }
    return render(request, "programme/rules.html", context)


@require_safe
def show(request: HttpRequest, *, scheme: str) -> HttpResponse:
    """Show the rules of a scheme in force for a year, and all their versions."""
    year = _year(request)
    rule = _rule(scheme, year)
    versions = rules.versions(scheme)
    context = {
        "year": year,
        "rule": rule,
        "scheme": Scheme(scheme),
        "groups": [
            (
                title,
                [
                    (_label(name), rule.shown(name), *_origin(rule, name))
                    for name in names
                ],
            )
            for title, names in GROUPS.items()
        ],
        "versions": [
            (one, _differences(former, one) if former else [])
            for one, former in zip(versions, [*versions[1:], None], strict=True)
        ],
        "keeps": may(request, powers.KEEPERS),
        "sees_money": _sees_money(request),
    }
    return render(request, "programme/rule.html", context)


@only(powers.KEEPERS)
def change(request: HttpRequest, *, scheme: str) -> HttpResponse:
    """Write a new version of the rules of a scheme, from a year on."""
    year = _year(request)
    rule = _rule(scheme, year)
    # What the form writes into it is never saved: a change is a new row.
    form = RuleForm(
        request.POST or None,
        instance=_rule(scheme, year),
        initial={"seen": rule.pk, "mark": "T", "source": ""},
    )
    if request.method == "POST" and form.is_valid():
        try:
            commands.change_rule(
                scheme=Scheme(scheme),
                year=year,
                change=form.change,
                seen=form.cleaned_data["seen"],
                by=request.user,
                at=timezone.now(),
            )
        except MoveRefused as refused:
            explain(form, refused.refusals)
        else:
            messages.success(request, "La nouvelle version est en vigueur.")
            return redirect(f"{_url(scheme)}?exercice={year}")
    context = {"form": form, "rule": rule, "scheme": Scheme(scheme), "year": year}
    status = 422 if form.errors else 200
    return render(request, "programme/rule_change.html", context, status=status)


def _url(scheme: str) -> str:
    """Return the address of the rules of a scheme."""
    return reverse("programme:rule", args=[scheme])


def _year(request: HttpRequest) -> int:
    text = request.GET.get("exercice", "")
    year = int(text) if text.isascii() and text.isdecimal() and len(text) == 4 else 0
    return year if FIRST_YEAR <= year <= LAST_YEAR else timezone.localdate().year


def _rule(scheme: str, year: int) -> SchemeRule:
    if scheme not in Scheme.values:
        raise Http404
    try:
        return rules.rule(scheme, year)
    except rules.RuleMissing:
        raise Http404 from None


def _sees_money(request: HttpRequest) -> bool:
    return powers.reads(held_by(request, timezone.localdate()))


def _label(name: str) -> str:
    label = str(SchemeRule._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    label = label.removesuffix(", en centimes")
    return label[:1].upper() + label[1:]


def _origin(rule: SchemeRule, name: str) -> tuple[str, str]:
    if getattr(rule, name) in (None, ""):
        return "", ""
    return rule.origin(name)


def _differences(former: SchemeRule, latter: SchemeRule) -> list[tuple[str, str, str]]:
    return [
        (_label(name), former.shown(name), latter.shown(name))
        for name in differing(former, latter)
    ]
