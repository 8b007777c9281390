"""The numbers of legal commitments: each serves once, whatever runs meanwhile."""

from django.db import IntegrityError, models, transaction

from workflow.answers import MoveRefused
from workflow.refusals import Ground, Refusal


def normalised(number: str) -> str:
    """Return a number without the spaces and the case in which people write it."""
    return "".join(number.split()).upper()


class Commitment(models.Model):
    """A number of commitment, and the grant that it pays.

    `scope` is “chorus” for the State; the code of its unit for another funder.
    """

    scope = models.CharField("périmètre", max_length=80)
    number = models.CharField("numéro", max_length=40)
    grant = models.OneToOneField(
        "grants.Grant",
        models.PROTECT,
        related_name="commitment",
        verbose_name="subvention",
    )

    class Meta:
        verbose_name = "engagement juridique"
        verbose_name_plural = "engagements juridiques"
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "number"], name="commitment_number_serves_once"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def already_used(self) -> str:
        """Say that it serves, and for what."""
        return f"EJ déjà utilisé, par la subvention {self.grant.case.reference}."


def take(*, scope: str, number: str, grant_id: int) -> None:
    """
    Keep a number for a grant; the database decides between two who come together.

    :raises MoveRefused: if another grant has it
    """
    try:
        with transaction.atomic():
            Commitment.objects.create(scope=scope, number=number, grant_id=grant_id)
    except IntegrityError:
        taken = Commitment.objects.select_related("grant__case")
        other = taken.get(scope=scope, number=number)
        refusal = Refusal(Ground.INPUT, other.already_used, field="ej_number")
        raise MoveRefused([refusal]) from None
