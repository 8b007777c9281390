"""The log in which the events are sealed: what waits, leaves, checkpoints, keys."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from workflow.models.register import Entry
from workflow.models.trail import Event


class Unsealed(models.Model):
    """An event that awaits its leaf: the database writes the row with the event.

    It becomes visible when its event does, however late that is committed.
    """

    event = models.OneToOneField(
        Event, models.PROTECT, primary_key=True, db_constraint=False, related_name="+"
    )

    class Meta:
        verbose_name = "événement à sceller"

    def __str__(self) -> str:
        return f"{self.event_id} à sceller"


class UnsealedEntry(models.Model):
    """An entry of the register that awaits its leaf, as an event does."""

    entry = models.OneToOneField(
        Entry, models.PROTECT, primary_key=True, db_constraint=False, related_name="+"
    )

    class Meta:
        verbose_name = "inscription à sceller"
        verbose_name_plural = "inscriptions à sceller"

    def __str__(self) -> str:
        return f"{self.entry_id} à sceller"


class SealingKey(models.Model):
    """A public key that checkpoints are signed with, declared in the log itself."""

    verifier = models.CharField("clé publique", max_length=300, unique=True)
    body = models.TextField("déclaration")
    hash = models.BinaryField("empreinte", max_length=32)
    declared_at = models.DateTimeField("déclarée le")

    class Meta:
        verbose_name = "clé de scellement"

    def __str__(self) -> str:
        return self.verifier


class Leaf(models.Model):
    """One line of the log: the hash of an event, of an entry or of a key declared."""

    index = models.BigIntegerField("rang", primary_key=True)
    event = models.OneToOneField(Event, models.PROTECT, null=True, related_name="leaf")
    key = models.OneToOneField(
        SealingKey, models.PROTECT, null=True, related_name="leaf"
    )
    entry = models.OneToOneField(Entry, models.PROTECT, null=True, related_name="leaf")
    hash = models.BinaryField("empreinte", max_length=32)

    class Meta:
        verbose_name = "feuille"
        constraints = [
            models.CheckConstraint(
                name="leaf_is_of_one_thing",
                condition=Q(event__isnull=False, key=None, entry=None)
                | Q(event=None, key__isnull=False, entry=None)
                | Q(event=None, key=None, entry__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"feuille {self.index}"


class Checkpoint(models.Model):
    """What the sealer signed: all the leaves up to a size have this root.

    `peaks` holds the roots of the perfect subtrees, from which the tree goes on
    without being read again; `note` is the signed text, the only one that counts.
    """

    size = models.BigIntegerField("taille", primary_key=True)
    root = models.BinaryField("racine", max_length=32)
    peaks = models.BinaryField("sommets")
    note = models.TextField("note signée")
    at = models.DateTimeField("moment")

    class Meta:
        verbose_name = "point de contrôle"
        verbose_name_plural = "points de contrôle"

    def __str__(self) -> str:
        return f"point de contrôle {self.size}"


class Witness(models.TextChoices):
    """Who is told each day what was sealed, beside a folder."""

    EMAIL = "email", "courriel"
    SYSLOG = "syslog", "syslog"
    TIMESTAMP = "timestamp", "horodatage"


class Testimony(models.Model):
    """What one witness was told of one day: a row, so that it is told once.

    - `lease_until`: somebody is telling it;
    - `fault`: why the latest attempt came to nothing.
    """

    day = models.DateField("jour")
    witness = models.CharField("témoin", max_length=20, choices=Witness.choices)
    checkpoint = models.ForeignKey(
        Checkpoint,
        models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name="point de contrôle",
    )
    lease_until = models.DateTimeField("pris jusqu’à", null=True, blank=True)
    given_at = models.DateTimeField("donné le", null=True, blank=True)
    fault = models.CharField("échec", max_length=300, blank=True)

    class Meta:
        verbose_name = "témoignage"
        constraints = [
            models.UniqueConstraint(
                fields=["day", "witness"], name="testimony_is_given_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.witness} {self.day}"


class Timestamp(models.Model):
    """What a timestamping authority answered about a checkpoint (RFC 3161).

    - `token`: its answer, in DER; `authority`: the certificates that it was verified
      with, in PEM, so that it still is when they are gone.
    """

    checkpoint = models.OneToOneField(
        Checkpoint,
        models.PROTECT,
        primary_key=True,
        related_name="timestamp",
        verbose_name="point de contrôle",
    )
    token = models.BinaryField("jeton")
    authority = models.TextField("certificats")
    at = models.DateTimeField("moment attesté")

    class Meta:
        verbose_name = "horodatage"

    def __str__(self) -> str:
        return f"horodatage du point de contrôle {self.checkpoint_id}"


class Verification(models.Model):
    """One check of the whole trail and of its seals, and what it counted."""

    started_at = models.DateTimeField("commencée le", db_index=True)
    ended_at = models.DateTimeField("finie le")
    cases = models.PositiveIntegerField("dossiers")
    events = models.PositiveIntegerField("événements")
    size = models.BigIntegerField("feuilles")
    found = models.PositiveIntegerField("défauts")

    class Meta:
        verbose_name = "vérification du journal"

    def __str__(self) -> str:
        return f"vérification du {self.started_at:%d/%m/%Y %H:%M}"


class VerificationRequest(models.Model):
    """Somebody asked that the whole trail be verified; one request waits at a time.

    `begun_at`: when a worker took it in hand; `verification`: what came of it.
    """

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name="demandée par",
    )
    asked_at = models.DateTimeField("demandée le")
    begun_at = models.DateTimeField("commencée le", null=True)
    verification = models.ForeignKey(
        Verification,
        models.PROTECT,
        null=True,
        related_name="requests",
        verbose_name="vérification",
    )

    class Meta:
        verbose_name = "demande de vérification"
        verbose_name_plural = "demandes de vérification"
        constraints = [
            models.UniqueConstraint(
                Coalesce("verification", 0), name="verification_is_asked_once"
            ),
        ]

    def __str__(self) -> str:
        return f"demande du {self.asked_at:%d/%m/%Y %H:%M}"


class Fault(models.Model):
    """What a verification found: the table, the row and the column."""

    verification = models.ForeignKey(
        Verification,
        models.PROTECT,
        related_name="faults",
        verbose_name="vérification",
    )
    message = models.TextField("défaut")

    class Meta:
        verbose_name = "défaut du journal"

    def __str__(self) -> str:
        return self.message
