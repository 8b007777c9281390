"""What happened: events, the texts detached from them, the signatures collected."""

import hashlib
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from workflow.models.cases import Case
from workflow.models.units import Unit


def in_the_name_of(actor: Any, principal: Any) -> str:
    """Name who acted, and for whom."""
    return f"{actor} pour {principal}" if principal else str(actor)


class AppendOnly(Exception):
    """A row of the trail is written once: it is neither changed nor deleted."""


class Event(models.Model):
    """One line of a case's trail, chained to the line before it.

    `body` is the RFC 8785 text that is hashed; the other columns repeat what is
    searched for, and the verification compares them with it. `principal` is the
    person in whose name the actor acted, if it was not her own. Without actor, the
    clock did it: nobody asked for it.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="events")
    seq = models.PositiveIntegerField("numéro")
    case_version = models.PositiveIntegerField("version du dossier")
    previous_hash = models.BinaryField("empreinte précédente", max_length=32)
    body = models.TextField("corps")
    hash = models.BinaryField("empreinte", max_length=32)
    kind = models.CharField("nature", max_length=20)
    move = models.CharField("geste", max_length=60, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name="auteur",
    )
    principal = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name="pour",
    )
    role = models.CharField("rôle", max_length=40, blank=True)
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name="unité",
    )
    at = models.DateTimeField("moment")
    request_key = models.UUIDField("clé de la demande", null=True)

    class Meta:
        verbose_name = "événement"
        # What the trail is searched by, each time in the order of the moments.
        indexes = [
            models.Index(fields=["at", "id"], name="event_by_moment"),
            models.Index(fields=["actor", "at", "id"], name="event_by_actor"),
            # Whether somebody made a move of a case is told by the index alone.
            models.Index(
                fields=["actor", "move", "case"],
                condition=~Q(move=""),
                name="event_made_by",
            ),
            models.Index(
                fields=["principal", "at", "id"],
                condition=Q(principal__isnull=False),
                name="event_by_principal",
            ),
            models.Index(fields=["unit", "at", "id"], name="event_by_unit"),
            models.Index(
                fields=["move", "at", "id"],
                condition=~Q(move=""),
                name="event_by_move",
            ),
            models.Index(
                fields=["kind", "at", "id"],
                condition=~Q(kind="move"),
                name="event_by_kind",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["case", "seq"], name="event_has_its_place"),
            models.UniqueConstraint(
                fields=["actor", "request_key"],
                condition=Q(request_key__isnull=False),
                name="event_answers_a_request_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}/{self.seq} {self.move or self.kind}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly(str(self))
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnly(str(self))

    @property
    def who(self) -> str:
        """The actor, and the person for whom she acted."""
        return in_the_name_of(self.actor, self.principal)


class EventText(models.Model):
    """The names and free texts of an event, which may have to be erased.

    The event only holds SHA-256(salt ‖ text), so that erasing this row leaves
    every proof valid (RGPD, art. 17).
    """

    event = models.OneToOneField(
        Event, models.PROTECT, primary_key=True, related_name="text"
    )
    salt = models.BinaryField("sel", max_length=16)
    text = models.TextField("textes")

    class Meta:
        verbose_name = "textes d’un événement"

    def __str__(self) -> str:
        return f"textes de {self.event_id}"


class Signature(models.Model):
    """One agreement collected towards a move that needs several.

    `content` holds, for each fact that the agreement covers, a SHA-256 of what it
    was when it was given. An agreement that took effect may still be struck out:
    the decision it made was undone.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="signatures")
    move = models.CharField("geste", max_length=60)
    role = models.CharField("rôle", max_length=40)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name="signataire",
    )
    principal = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name="pour",
    )
    event = models.ForeignKey(
        Event, models.PROTECT, related_name="signatures", verbose_name="événement"
    )
    at = models.DateTimeField("moment")
    content = models.JSONField("contenu approuvé", default=dict, blank=True)
    struck_by = models.ForeignKey(
        Event,
        models.PROTECT,
        null=True,
        related_name="struck_signatures",
        verbose_name="rayée par",
    )
    took_effect_by = models.ForeignKey(
        Event,
        models.PROTECT,
        null=True,
        related_name="effective_signatures",
        verbose_name="a pris effet par",
    )

    class Meta:
        verbose_name = "signature"
        constraints = [
            models.UniqueConstraint(
                fields=["case", "move", "role"],
                condition=Q(struck_by=None, took_effect_by=None),
                name="signature_is_given_once_by_a_role",
            ),
            models.UniqueConstraint(
                fields=["case", "move", "user"],
                condition=Q(struck_by=None, took_effect_by=None),
                name="signature_is_given_once_by_a_person",
            ),
            models.UniqueConstraint(
                fields=["case", "move", "principal"],
                condition=Q(struck_by=None, took_effect_by=None),
                name="signature_is_given_once_for_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.move} {self.role}"

    @property
    def who(self) -> str:
        """The signatory, and the person for whom she signed."""
        return in_the_name_of(self.user, self.principal)

    @property
    def fingerprint(self) -> str:
        """A SHA-256 of all that the agreement covers, in hexadecimal, if anything."""
        if not self.content:
            return ""
        facts = "".join(
            f"{name}:{self.content[name]};" for name in sorted(self.content)
        )
        return hashlib.sha256(facts.encode()).hexdigest()
