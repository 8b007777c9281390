"""What the texts say of a scheme, for a year: never in the code, never edited."""

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from erbm.programme.schemes import GRANTED, GRANTED_CHOICES, Scheme
from erbm.words import FIXED, NARROW, money


class Regime(models.TextChoices):
    CGCT = "cgct", "dotations du CGCT"
    DECREE = "decree", "décret n° 2018-514"
    CCH = "cch", "aides à la pierre (CCH)"
    EUROPE = "europe", "fonds européens"
    LOCAL = "local", "règlement du financeur"


class Authority(models.TextChoices):
    PREFECT = "prefect", "préfet de département"
    REGION_PREFECT = "region_prefect", "préfet de région"
    REGION = "region", "conseil régional"
    DEPARTEMENT = "departement", "conseil départemental"
    EPCI = "epci", "conseil communautaire"
    FUNDER = "funder", "organe du financeur"


class Vat(models.TextChoices):
    WITHOUT = "without", "HT"
    WITH = "with", "TTC"


class Silence(models.TextChoices):
    """What the end of a delay means when nobody has spoken; it never grants money."""

    DEEMED_COMPLETE = "deemed_complete", "dossier réputé complet"
    REFUSAL_PROPOSED = "refusal_proposed", "rejet implicite, proposé au service"
    WARNING = "warning", "simple avertissement au service"
    NOTHING = "nothing", "aucune conséquence"


class FinishFrom(models.TextChoices):
    START = "start", "le commencement déclaré"
    NOTIFICATION = "notification", "la notification"


class Mark(models.TextChoices):
    """How sure one is of a value."""

    TEXT = "T", "texte lu"
    MEMORY = "M", "de mémoire, à vérifier"
    INFERRED = "I", "déduction, à confirmer"


def _percent(label: str) -> Any:
    return models.PositiveSmallIntegerField(label, null=True, blank=True)


def _months(label: str) -> Any:
    return models.PositiveSmallIntegerField(label, null=True, blank=True)


class SchemeRuleQuerySet(models.QuerySet["SchemeRule"]):
    def latest_first(self) -> "SchemeRuleQuerySet":
        return self.order_by("scheme", "-year", "-version")

    def until(self, year: int) -> "SchemeRuleQuerySet":
        """Keep what may still hold in a year: a year that says nothing keeps them."""
        return self.filter(year__lte=year)


class SchemeRule(models.Model):
    """
    One version of the settings of a scheme, from a year on.

    A value that is not given means that no text was found that bounds it. A change is
    a new version: the former ones stay, for the grants that were decided under them.

    - `origins`: where each value was found, by column: [mark, source];
    - `mark`, `source`, `author`, `at`: those of this version; none wrote the first.
    """

    scheme = models.CharField("dispositif", max_length=20, choices=GRANTED_CHOICES)
    year = models.PositiveSmallIntegerField("à partir de l’exercice")
    version = models.PositiveSmallIntegerField("version", default=1)

    regime = models.CharField("régime", max_length=20, choices=Regime.choices)
    authority = models.CharField("décide", max_length=20, choices=Authority.choices)
    vat = models.CharField("assiette", max_length=10, choices=Vat.choices)
    # How much
    floor_percent = _percent("taux minimal")
    ceiling_percent = _percent("taux maximal")
    cumul = models.SlugField(
        "cumul avec",
        max_length=20,
        blank=True,
        help_text="Les dispositifs qui portent le même mot se cumulent.",
    )
    cumul_percent = _percent("taux maximal en cumul")
    public_percent = _percent("aides publiques au plus")
    own_share_percent = _percent("participation minimale d’une collectivité")
    commission_cents = models.BigIntegerField(
        "commission des élus au-delà de, en centimes", null=True, blank=True
    )
    # How it is paid
    advance_percent = _percent("avance au plus")
    guaranteed_advance_percent = _percent("avance au plus, avec garantie")
    first_instalment_percent = _percent("premier acompte au plus")
    instalments_percent = _percent("avance et acomptes au plus")
    long_instalments_percent = _percent("avance et acomptes au plus, opération longue")
    long_after_months = _months("opération longue au-delà de")
    # The application
    completeness_months = _months("complétude")
    completeness_silence = models.CharField(
        "silence sur la complétude", max_length=20, choices=Silence.choices
    )
    decision_months = _months("décision")
    decision_silence = models.CharField(
        "silence sur la demande", max_length=20, choices=Silence.choices
    )
    starts_after_receipt = models.BooleanField(
        "commencement possible dès la réception de la demande", default=True
    )
    half_year_percent = _percent("crédits notifiés au 30 juin au moins")
    list_by = models.CharField(
        "liste publiée avant le (MM-JJ)", max_length=5, blank=True
    )
    # The works
    start_months = _months("commencement")
    start_extension_months = _months("prorogation du commencement")
    finish_months = _months("achèvement")
    finish_extension_months = _months("prorogation de l’achèvement")
    finish_from = models.CharField(
        "l’achèvement se compte depuis", max_length=20, choices=FinishFrom.choices
    )
    extension_request_months = _months("prorogation à demander avant l’échéance")
    completion_months = _months("déclaration d’achèvement")
    balance_months = _months("demande de solde après achèvement")
    balance_notice_months = _months("mise en demeure de demander le solde")

    origins = models.JSONField("origines", default=dict)
    mark = models.CharField("marque", max_length=1, choices=Mark.choices)
    source = models.CharField("source", max_length=300)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="auteur",
    )
    at = models.DateTimeField("écrite le", null=True, blank=True)

    objects: ClassVar[SchemeRuleQuerySet] = SchemeRuleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "règle de dispositif"
        verbose_name_plural = "règles de dispositif"
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "year", "version"], name="scheme_rule_is_one_version"
            ),
            models.CheckConstraint(
                name="scheme_rule_scheme_is_known",
                condition=Q(scheme__in=[scheme.value for scheme in GRANTED]),
            ),
            models.CheckConstraint(
                name="scheme_rule_names_its_source", condition=~Q(source="")
            ),
        ]

    def __str__(self) -> str:
        return f"{Scheme(self.scheme).label}, à partir de {self.year}"

    def shown(self, name: str) -> str:
        """Write one value as people read it."""
        value = getattr(self, name)
        if value is None or value == "":
            return "–"
        if isinstance(value, bool):
            return "oui" if value else "non"
        if name.endswith("_percent"):
            return f"{value}{NARROW}%"
        if name.endswith("_months"):
            return f"{value}{FIXED}mois"
        if name.endswith("_cents"):
            return money(value)
        if name in CHOSEN:
            return str(getattr(self, f"get_{name}_display")())
        return str(value)

    def origin(self, name: str) -> tuple[str, str]:
        """Return the mark and the source of one value."""
        mark, source = self.origins.get(name, (self.mark, self.source))
        return mark, source


CHOSEN = frozenset(
    {
        "regime",
        "authority",
        "vat",
        "completeness_silence",
        "decision_silence",
        "finish_from",
    }
)
GROUPS: dict[str, tuple[str, ...]] = {
    "Qui décide, sur quelle assiette": ("regime", "authority", "vat"),
    "Combien": (
        "floor_percent",
        "ceiling_percent",
        "cumul",
        "cumul_percent",
        "public_percent",
        "own_share_percent",
        "commission_cents",
    ),
    "Versements": (
        "advance_percent",
        "guaranteed_advance_percent",
        "first_instalment_percent",
        "instalments_percent",
        "long_instalments_percent",
        "long_after_months",
    ),
    "La demande": (
        "completeness_months",
        "completeness_silence",
        "decision_months",
        "decision_silence",
        "starts_after_receipt",
        "half_year_percent",
        "list_by",
    ),
    "Les travaux": (
        "start_months",
        "start_extension_months",
        "finish_months",
        "finish_extension_months",
        "finish_from",
        "extension_request_months",
        "completion_months",
        "balance_months",
        "balance_notice_months",
    ),
}
"""The settings, as pages group them."""
SETTINGS: tuple[str, ...] = tuple(name for group in GROUPS.values() for name in group)


def differing(former: SchemeRule, latter: SchemeRule) -> Iterator[str]:
    """Name the settings that two versions do not share."""
    names: Iterable[str] = SETTINGS
    for name in names:
        if getattr(former, name) != getattr(latter, name):
            yield name
