"""What people write to one another about a case, and whom they call on."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from workflow.models.cases import Case
from workflow.models.trail import AppendOnly, Event
from workflow.models.units import Unit

WITHDRAWN = {"text", "salt", "withdrawn_by", "withdrawn_at"}


class CommentQuerySet(models.QuerySet["Comment"]):
    def standing(self) -> "CommentQuerySet":
        """Keep those that their authors have not withdrawn."""
        return self.filter(withdrawn_by=None)


class Comment(models.Model):
    """What a person wrote about a case, to some of those who may read it.

    It is written once, then withdrawn at most: the event holds SHA-256(salt ‖ text),
    so that erasing the text leaves every proof valid.

    - `audience`: the name of one of the procedure's, or one that all have;
    - `unit`: the one for which she wrote.
    """

    case = models.ForeignKey(
        Case, models.PROTECT, db_index=False, related_name="comments"
    )
    written_by = models.OneToOneField(
        Event, models.PROTECT, related_name="comment", verbose_name="inscrit par"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name="auteur",
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, related_name="+", verbose_name="unité"
    )
    audience = models.CharField("destinataires", max_length=40)
    at = models.DateTimeField("écrit le")
    text = models.TextField("texte", blank=True)
    salt = models.BinaryField("sel", max_length=16, blank=True)
    withdrawn_by = models.OneToOneField(
        Event,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="retiré par",
    )
    withdrawn_at = models.DateTimeField("retiré le", null=True, blank=True)

    objects: ClassVar[CommentQuerySet] = CommentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "commentaire"
        constraints = [
            models.CheckConstraint(
                name="comment_is_there_or_withdrawn",
                condition=Q(withdrawn_by=None, withdrawn_at=None) & ~Q(text="")
                | Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False, text=""),
                violation_error_message="Un commentaire retiré n’a plus de texte.",
            ),
        ]
        indexes = [models.Index(fields=["case", "id"], name="comment_of_case")]

    def __str__(self) -> str:
        return f"{self.case_id} · {self.author}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding and set(kwargs.get("update_fields") or ()) != (
            WITHDRAWN
        ):
            raise AppendOnly(str(self))
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnly(str(self))


class Mention(models.Model):
    """A person called upon in a comment, by her name or with her unit.

    - `unit`: the one that was named, if she was not herself;
    - `seen_at`: when she read it on the page of the case.
    """

    comment = models.ForeignKey(
        Comment, models.PROTECT, db_index=False, related_name="mentions"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        db_index=False,  # the index of her mentions begins with it
        related_name="mentions",
        verbose_name="personne",
    )
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="avec l’unité",
    )
    seen_at = models.DateTimeField("lue le", null=True, blank=True)

    class Meta:
        verbose_name = "mention"
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "user"],
                name="mention_is_made_once",
                violation_error_message="Cette personne est déjà mentionnée.",
            ),
        ]
        indexes = [models.Index(fields=["user", "-id"], name="mention_of_person")]

    def __str__(self) -> str:
        return f"@{self.user}"


class Attachment(models.Model):
    """A file joined to a comment, known by its SHA-256, which outlives it."""

    comment = models.ForeignKey(Comment, models.PROTECT, related_name="attachments")
    file = models.FileField("fichier", upload_to="attachments/", blank=True)
    filename = models.CharField("nom du fichier", max_length=200, blank=True)
    content_type = models.CharField("type", max_length=100)
    size = models.PositiveIntegerField("taille en octets")
    sha256 = models.CharField("empreinte SHA-256", max_length=64)

    class Meta:
        verbose_name = "fichier joint à un commentaire"
        verbose_name_plural = "fichiers joints à un commentaire"

    def __str__(self) -> str:
        return self.filename or self.sha256
