"""What a person is told of the cases, and how it reaches her."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from workflow.models.cases import Case
from workflow.models.journeys import Task
from workflow.models.trail import Event
from workflow.models.units import Unit


class Topic(models.TextChoices):
    """What a notice is about."""

    ASKED = "asked", "Ce qui est demandé à mes services"
    DUE = "due", "Les échéances proches ou passées"
    PREPARATION = "preparation", "Ce que l’on me confie ou me rend"
    TALK = "talk", "Les commentaires et les mentions"
    DECISION = "decision", "Ce qui est décidé dans mes dossiers"
    OUTCOME = "outcome", "L’issue de mes propres dossiers"


class Reason(models.TextChoices):
    """Why it is this person who is told."""

    ROLE = "role", "elle tient un rôle dans le dossier"
    OWNER = "owner", "elle a pris la tâche en charge"
    STANDS_IN = "stands_in", "elle supplée quelqu’un"
    FOLLOWS = "follows", "elle suit le dossier"
    HEADS = "heads", "elle dirige l’unité"
    MENTIONED = "mentioned", "elle est mentionnée"
    ENTRUSTED = "entrusted", "on lui confie quelque chose"
    REQUESTED = "requested", "elle l’avait demandé"


class Pace(models.TextChoices):
    """When a notice goes by e-mail."""

    AT_ONCE = "at_once", "Tout de suite"
    DAILY = "daily", "Une fois par jour"
    NEVER = "never", "Jamais"


UNREAD = Q(read_at=None)
TO_GATHER = Q(pace=Pace.DAILY, mailed_at=None, read_at=None)


class NoticeQuerySet(models.QuerySet["Notice"]):
    def unread(self) -> "NoticeQuerySet":
        """Keep those that the person has not read."""
        return self.filter(UNREAD)

    def to_gather(self) -> "NoticeQuerySet":
        """Keep those that a letter of the day is still to tell."""
        return self.filter(TO_GATHER)


class Notice(models.Model):
    """
    One thing that one person is told of one case, and why it is her.

    - `role`, `unit`, `principal`: through what she is concerned, if that is why;
    - `text`: what happened, in a few words;
    - `key`: what makes it recognisable when it is told twice;
    - `pace`: what she wanted by e-mail when it was written.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        db_index=False,
        related_name="notices",
        verbose_name="personne",
    )
    case = models.ForeignKey(Case, models.PROTECT, related_name="notices")
    event = models.ForeignKey(
        Event, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    task = models.ForeignKey(
        Task, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    topic = models.CharField("nature", max_length=20, choices=Topic.choices)
    reason = models.CharField("raison", max_length=20, choices=Reason.choices)
    role = models.CharField("rôle", max_length=40, blank=True)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, db_index=False, related_name="+"
    )
    principal = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name="personne suppléée",
    )
    text = models.CharField("ce qui s’est passé", max_length=300)
    key = models.CharField("clé", max_length=100)
    created_at = models.DateTimeField("moment")
    read_at = models.DateTimeField("lue le", null=True)
    pace = models.CharField("par courriel", max_length=10, choices=Pace.choices)
    mailed_at = models.DateTimeField("envoyée le", null=True)

    objects: ClassVar[NoticeQuerySet] = NoticeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "notification"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"], name="notice_is_given_once_to_a_person"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="notice_of_user"),
            models.Index(
                fields=["user", "case"], condition=UNREAD, name="notice_unread"
            ),
            models.Index(
                fields=["user", "created_at"],
                condition=TO_GATHER,
                name="notice_to_gather",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} ← {self.text}"


class Preference(models.Model):
    """When a person wants the notices of a topic by e-mail; without topic, of all."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        db_index=False,
        related_name="notice_preferences",
        verbose_name="personne",
    )
    topic = models.CharField("nature", max_length=20, choices=Topic.choices, blank=True)
    pace = models.CharField("par courriel", max_length=10, choices=Pace.choices)

    class Meta:
        verbose_name = "préférence de notification"
        verbose_name_plural = "préférences de notification"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "topic"], name="preference_is_set_once_for_a_topic"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.topic or 'tout'} : {self.pace}"


class Digest(models.Model):
    """
    The letter of one day to one person.

    `lease_until` is until when a worker holds it; without `sent_at`, another takes
    it over after that.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name="personne",
    )
    day = models.DateField("jour")
    lease_until = models.DateTimeField("retenu jusqu’à", null=True)
    sent_at = models.DateTimeField("envoyé le", null=True)

    class Meta:
        verbose_name = "courriel du jour"
        verbose_name_plural = "courriels du jour"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "day"], name="digest_is_sent_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.day}"


class Feed(models.Model):
    """
    The calendar of a person's due dates, at an address that only she knows.

    Of the address, only a SHA-256 is kept: nobody can read it here.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name="personne",
    )
    token_hash = models.CharField("empreinte", max_length=64, unique=True)
    created_at = models.DateTimeField("créé le")
    revoked_at = models.DateTimeField("révoqué le", null=True)

    class Meta:
        verbose_name = "agenda"
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(revoked_at=None),
                name="feed_is_the_only_one_of_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"agenda de {self.user_id}"
