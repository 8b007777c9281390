"""The rules that say whose opinion an operation needs, and those that meet them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from erbm.organisations.models import Organisation
from erbm.programme.models import Theme
from erbm.programme.schemes import GRANTED_CHOICES
from erbm.territory.models import Commune
from flows.operation import BEFORE_OPINIONS
from flows.roles import Role
from workflow.deadlines import Months
from workflow.models import Case, Party, Unit
from workflow.opinions import Meaning, Terms

SILENCES = [(meaning.value, meaning.deemed) for meaning in Meaning]


@dataclass(frozen=True)
class Described:
    """
    What the rules look at, of one operation.

    - `schemes`, `funders`: those of its financing plan, the latter by their ids.
    """

    kind: str
    owner: Unit
    communes: Sequence[Commune] = ()
    theme_id: int | None = None
    is_protected: bool = False
    cost_cents: int = 0
    schemes: frozenset[str] = frozenset()
    funders: frozenset[int] = frozenset()

    @property
    def departements(self) -> set[str]:
        return {commune.departement for commune in self.communes}


class ConsultationRule(models.Model):
    """
    One unit to consult, for a kind of operation and under conditions.

    What is left empty sets no condition; all that is filled in must be true.

    - `least_cents`: from this cost on;
    - `scheme`, `funder`: when a line of the plan is of the one, or paid by the other;
    - `months`, `silence`: when given, the unit's own: how long it has, and what its
      silence means.
    """

    kind = models.CharField("nature", max_length=20)
    departement = models.CharField("département", max_length=3, blank=True)
    theme = models.ForeignKey(
        Theme,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="thème",
    )
    protected_only = models.BooleanField("en secteur protégé seulement", default=False)
    least_cents = models.BigIntegerField(
        "à partir d’un coût de", null=True, blank=True, help_text="En euros."
    )
    scheme = models.CharField(
        "dispositif au plan de financement",
        max_length=20,
        blank=True,
        choices=GRANTED_CHOICES,
    )
    funder = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="financeur au plan de financement",
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", verbose_name="unité consultée"
    )
    months = models.PositiveSmallIntegerField("délai en mois", null=True, blank=True)
    silence = models.CharField(
        "sens du silence", max_length=20, blank=True, choices=SILENCES
    )

    class Meta:
        verbose_name = "règle de consultation"
        verbose_name_plural = "règles de consultation"
        constraints = [
            models.CheckConstraint(
                name="consultation_rule_leaves_some_time",
                condition=Q(months=None) | Q(months__gte=1),
                violation_error_message="Le délai est d’un mois au moins.",
            ),
            models.CheckConstraint(
                name="consultation_rule_starts_from_a_cost",
                condition=Q(least_cents=None) | Q(least_cents__gt=0),
                violation_error_message="Un seuil nul n’en est pas un : laissez vide.",
            ),
            models.UniqueConstraint(
                "kind",
                "departement",
                "unit",
                Coalesce("theme", 0),
                "protected_only",
                Coalesce("least_cents", 0),
                "scheme",
                Coalesce("funder", 0),
                name="consultation_rule_is_written_once",
                violation_error_message="Cette règle existe déjà.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.unit}"

    @property
    def terms(self) -> Terms:
        """What differs for the unit, from what the procedure says of all."""
        return Terms(
            due=Months(self.months) if self.months else None,
            silence=Meaning(self.silence) if self.silence else None,
        )

    def applies_to(self, described: Described) -> bool:
        """Tell whether an operation meets all the conditions of the rule."""
        return (
            self.kind == described.kind
            and self.departement in {"", *described.departements}
            and self.theme_id in {None, described.theme_id}
            and (described.is_protected or not self.protected_only)
            and (self.least_cents or 0) <= described.cost_cents
            and self.scheme in {"", *described.schemes}
            and self.funder_id in {None, *described.funders}
        )


@dataclass(frozen=True)
class Rulebook:
    """The rules and the EPCI, held in memory while operations are opened."""

    rules: Sequence[ConsultationRule]
    epci: Mapping[int, Unit]

    @classmethod
    def load(cls) -> "Rulebook":
        """Read the rules with two queries."""
        organisations = Organisation.objects.exclude(epci=None).select_related("unit")
        return cls(
            rules=list(ConsultationRule.objects.select_related("unit").order_by("pk")),
            epci={one.epci_id: one.unit for one in organisations if one.epci_id},
        )

    def units_for(self, described: Described) -> list[Unit]:
        """Return the units to consult, the owner excepted, each once."""
        wanted = [rule.unit for rule in self.rules if rule.applies_to(described)]
        wanted += [
            self.epci[commune.epci_id]
            for commune in described.communes
            if commune.epci_id and commune.epci_id in self.epci
        ]
        return [unit for unit in dict.fromkeys(wanted) if unit != described.owner]

    def terms_for(self, described: Described) -> dict[int, Terms]:
        """Return what the rules say of some units; of several delays, the longest."""
        applied = [rule for rule in self.rules if rule.applies_to(described)]
        applied.sort(key=lambda rule: rule.months or 0)
        return {rule.unit_id: rule.terms for rule in applied}


def described(operation: Any) -> Described:
    """Return what the rules look at of an operation, as it stands."""
    lines = list(operation.lines.values_list("scheme", "funder"))
    return Described(
        kind=operation.kind,
        owner=operation.owner,
        communes=list(operation.communes.all()),
        theme_id=operation.theme_id,
        is_protected=operation.is_protected,
        cost_cents=operation.cost_cents,
        schemes=frozenset(scheme for scheme, _ in lines),
        funders=frozenset(funder for _, funder in lines if funder),
    )


@contextmanager
def consulting_anew(operation: Any) -> Iterator[dict[str, list[str]]]:
    """
    Have the services consulted follow from facts that change meanwhile.

    Those that somebody chose stay. Once opinions are asked, nothing follows: the
    lead service consults one more, or one fewer. What it yields is filled in at the
    end with the codes of those added and dropped, to be noted.
    """
    noted: dict[str, list[str]] = {}
    if operation.case.state not in BEFORE_OPINIONS:
        yield noted
        return
    rulebook = Rulebook.load()
    before = rulebook.units_for(described(operation))
    yield noted
    noted |= _changed(operation.case, before, rulebook.units_for(described(operation)))


def _changed(
    case: Case, before: Sequence[Unit], after: Sequence[Unit]
) -> dict[str, list[str]]:
    parties = case.parties.filter(role=Role.CONSULTED)
    known = set(parties.values_list("unit", flat=True))
    dropped = [unit for unit in before if unit not in after and unit.pk in known]
    added = [unit for unit in after if unit.pk not in known]
    parties.filter(unit__in=dropped).delete()
    Party.objects.bulk_create(
        Party(case=case, role=Role.CONSULTED, unit=unit) for unit in added
    )
    changed = {"consulted_added": added, "consulted_dropped": dropped}
    return {name: [u.code for u in some] for name, some in changed.items() if some}
