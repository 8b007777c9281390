"""The acknowledgement of a request, as it was sent."""

import uuid

from django.db import models


def storage_name(acknowledgement: "Acknowledgement", filename: str) -> str:
    """Store under a name that tells nothing."""
    return f"documents/{uuid.uuid4()}"


class Acknowledgement(models.Model):
    """
    The receipt that a beneficiary was sent, in the very bytes of the letter.

    To whom is in the register, whose texts can be erased; `addresses` says how many.
    """

    grant = models.OneToOneField(
        "grants.Grant",
        models.PROTECT,
        related_name="acknowledgement",
        verbose_name="subvention",
    )
    file = models.FileField("fichier", upload_to=storage_name)
    sha256 = models.CharField("empreinte SHA-256", max_length=64)
    message_id = models.CharField("identifiant du courriel", max_length=200)
    addresses = models.PositiveSmallIntegerField("destinataires")
    sent_at = models.DateTimeField("envoyé le")

    class Meta:
        verbose_name = "accusé de réception"
        verbose_name_plural = "accusés de réception"

    def __str__(self) -> str:
        return f"{self.grant}, accusé de réception"

    @property
    def is_kept(self) -> bool:
        """Tell whether the storage still has it."""
        return self.file.storage.exists(str(self.file.name))
