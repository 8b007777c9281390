"""The bodies that sit, the seats in them, and the rules by which they sit."""

import datetime
from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from erbm.committees import planning, quorum
from erbm.committees.decisions import BodyKind
from flows.roles import Role
from workflow.models import Jurisdiction, Unit

WEEKDAYS = [
    (0, "lundi"),
    (1, "mardi"),
    (2, "mercredi"),
    (3, "jeudi"),
    (4, "vendredi"),
]
WEEKS = [
    (1, "premier"),
    (2, "deuxième"),
    (3, "troisième"),
    (4, "quatrième"),
    (planning.LAST, "dernier"),
]
SEAT_ROLES = [
    (role.value, role.label)
    for role in (
        Role.SUB_PREFECT,
        Role.COPIL_STATE,
        Role.COPIL_REGION,
        Role.FUNDER,
        Role.COMMITTEE_SECRETARY,
        Role.PROJECT_DIRECTOR,
        Role.COMMITTEE_MEMBER,
    )
]
RULE_GROUPS: Mapping[str, tuple[str, ...]] = {
    "Les séances de l’année": (
        *("first_month", "every_months", "week", "weekday", "starts_at", "place"),
        *("freeze_days", "notice_days"),
    ),
    "Le quorum et les votes": (
        *("quorum_percent", "counts_proxies", "proxies_most", "needs_chairs", "votes"),
    ),
    "La source": ("source",),
}
"""The rules of a body, as pages group them."""

RULES: tuple[str, ...] = tuple(name for names in RULE_GROUPS.values() for name in names)
CHAIR_ROLES = frozenset(
    {Role.SUB_PREFECT, Role.COPIL_STATE, Role.COPIL_REGION, Role.FUNDER}
)


class Rules(models.Model):
    """
    The rules of procedure of a body, as data.

    - `freeze_days`: how long before it sits its agenda takes no more operations;
    - `notice_days`: how long before it sits its members are convened at the latest;
    - `quorum_percent`: the part of the voting seats that must take part;
    - `proxies_most`: how many votes a member may carry beside her own;
    - `source`: where the rules come from, or that they are to be confirmed.
    """

    first_month = models.PositiveSmallIntegerField("à partir du mois", default=1)
    every_months = models.PositiveSmallIntegerField("tous les … mois", default=2)
    week = models.SmallIntegerField("semaine", choices=WEEKS, default=2)
    weekday = models.PositiveSmallIntegerField("jour", choices=WEEKDAYS, default=1)
    starts_at = models.TimeField("heure", default=datetime.time(14))
    place = models.CharField("lieu", max_length=300, blank=True)
    freeze_days = models.PositiveSmallIntegerField(
        "ordre du jour arrêté … jours avant", default=10
    )
    notice_days = models.PositiveSmallIntegerField("convoquée … jours avant", default=5)
    quorum_percent = models.PositiveSmallIntegerField(
        "quorum, en % des voix", default=50
    )
    counts_proxies = models.BooleanField("les mandats comptent au quorum", default=True)
    proxies_most = models.PositiveSmallIntegerField("mandats par membre", default=1)
    needs_chairs = models.BooleanField("la présidence est requise", default=True)
    votes = models.BooleanField("vote sur chaque point", default=False)
    source = models.CharField("source de ces règles", max_length=300, blank=True)

    class Meta:
        abstract = True

    @property
    def rhythm(self) -> planning.Rhythm:
        return planning.Rhythm(
            self.first_month, self.every_months, self.week, self.weekday
        )

    def quorum_rule(self, *, waived: bool) -> quorum.Rule:
        return quorum.Rule(
            self.quorum_percent, self.counts_proxies, self.needs_chairs, waived
        )

    def freeze_on(self, held_on: datetime.date) -> datetime.date:
        """Return the last day on which an operation may join its agenda."""
        return held_on - datetime.timedelta(days=self.freeze_days)

    def convene_by(self, held_on: datetime.date) -> datetime.date:
        """Return the last day on which its members may be convened."""
        return held_on - datetime.timedelta(days=self.notice_days)

    def shown(self, name: str) -> str:
        """Write one rule as people read it."""
        value = getattr(self, name)
        if isinstance(value, bool):
            return "oui" if value else "non"
        if isinstance(value, datetime.time):
            return f"{value:%H:%M}"
        chosen = getattr(self, f"get_{name}_display", None)
        return str(chosen() if chosen else value) or "–"


class BodyQuerySet(models.QuerySet["Body"]):
    def in_service(self) -> "BodyQuerySet":
        return self.filter(is_active=True)


class Body(Rules):
    """
    A committee, the COPIL, or the financers, and the rules by which it sits now.

    - `jurisdiction`: that of its sittings, which says who may read them;
    - `territories`: those whose operations it examines; none means all;
    """

    code = models.SlugField("code", max_length=40, unique=True)
    name = models.CharField("nom", max_length=150)
    kind = models.CharField("nature", max_length=20, choices=BodyKind.choices)
    jurisdiction = models.ForeignKey(
        Jurisdiction, models.PROTECT, related_name="+", verbose_name="ressort"
    )
    territories = models.ManyToManyField(
        Jurisdiction,
        blank=True,
        related_name="bodies",
        verbose_name="ressorts des opérations examinées",
    )
    is_active = models.BooleanField("en activité", default=True)

    objects: ClassVar[BodyQuerySet] = BodyQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "instance"
        constraints = [
            models.CheckConstraint(
                name="body_quorum_is_a_percentage",
                condition=Q(quorum_percent__lte=100),
                violation_error_message="Le quorum va de 0 à 100 %%.",
            ),
            models.CheckConstraint(
                name="body_sits_in_some_month",
                condition=Q(first_month__range=(1, 12), every_months__range=(1, 12)),
                violation_error_message="Un mois va de 1 à 12.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_chaired_jointly(self) -> bool:
        return self.kind == BodyKind.COPIL

    def in_force(self) -> "BodyVersion":
        """Return the version of its rules that holds, written down if none was yet."""
        if latest := self.versions.order_by("-version").first():
            return latest
        first, _ = BodyVersion.objects.get_or_create(
            body=self, version=1, defaults=self.ruled()
        )
        return first

    def ruled(self) -> dict[str, Any]:
        """Return its rules and its seats, as a version keeps them."""
        seats = self.seats.select_related("unit")
        return {
            **{name: getattr(self, name) for name in RULES},
            "seats": [seat.written() for seat in seats],
        }


class Seat(models.Model):
    """What a unit is in a body: its role there, and whether it has a vote."""

    body = models.ForeignKey(
        Body, models.PROTECT, related_name="seats", verbose_name="instance"
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="seats", verbose_name="unité"
    )
    role = models.CharField("rôle", max_length=40, choices=SEAT_ROLES)
    has_vote = models.BooleanField("voix délibérative", default=False)
    rank = models.PositiveSmallIntegerField("rang", default=0)

    class Meta:
        verbose_name = "siège"
        ordering = ["rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["body", "unit", "role"],
                name="seat_is_held_once",
                violation_error_message="Cette unité tient déjà ce siège.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.get_role_display()}"

    @property
    def is_chair(self) -> bool:
        return self.role in CHAIR_ROLES

    def written(self) -> list[Any]:
        """Return what a version keeps of it."""
        return [self.unit.code, self.role, self.has_vote]


class BodyVersion(Rules):
    """
    One version of the rules and of the seats of a body.

    A change is a new version: the former ones stay, for the sittings that were
    convened under them.

    - `seats`: the code of each unit, its role, whether it has a vote;
    - `author`, `at`: who wrote it; nobody wrote the first.
    """

    body = models.ForeignKey(
        Body, models.PROTECT, related_name="versions", verbose_name="instance"
    )
    version = models.PositiveSmallIntegerField("version")
    seats = models.JSONField("sièges", default=list)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="auteur",
    )
    at = models.DateTimeField("écrite le", null=True, blank=True)

    class Meta:
        verbose_name = "version de règles d’instance"
        verbose_name_plural = "versions de règles d’instance"
        constraints = [
            models.UniqueConstraint(
                fields=["body", "version"], name="body_version_is_written_once"
            ),
        ]

    def __str__(self) -> str:
        return f"version {self.version}"

    def differing(self, former: "BodyVersion") -> list[str]:
        """Name the rules, and the seats, that another version does not share."""
        names = (*RULES, "seats")
        return [n for n in names if getattr(self, n) != getattr(former, n)]


class CalendarFeed(models.Model):
    """
    The calendar of a body, at an address that only the person who asked for it knows.

    Of the address, only a SHA-256 is kept: nobody can read it here.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name="personne",
    )
    body = models.ForeignKey(
        Body, models.PROTECT, related_name="feeds", verbose_name="instance"
    )
    token_hash = models.CharField("empreinte", max_length=64, unique=True)
    created_at = models.DateTimeField("ouvert le")
    revoked_at = models.DateTimeField("révoqué le", null=True)

    class Meta:
        verbose_name = "agenda d’instance"
        verbose_name_plural = "agendas d’instance"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "body"],
                condition=Q(revoked_at=None),
                name="calendar_feed_is_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.body}"
