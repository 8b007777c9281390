"""What a person keeps of her inbox: the cases she follows, the views she saved."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from workflow.models.cases import Case
from workflow.models.journeys import Task
from workflow.models.units import Unit


class Follow(models.Model):
    """A case that a person keeps an eye on, asked something or not."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name="personne",
    )
    case = models.ForeignKey(Case, models.PROTECT, related_name="followers")
    since = models.DateTimeField("depuis")

    class Meta:
        verbose_name = "suivi"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "case"], name="case_is_followed_once_by_a_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} suit {self.case_id}"


class Snooze(models.Model):
    """A task that a person put off: it comes back to her on the day `until`."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name="personne",
    )
    task = models.ForeignKey(Task, models.PROTECT, related_name="snoozes")
    until = models.DateField("remise au")

    class Meta:
        verbose_name = "remise à plus tard"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "task"], name="task_is_put_off_once_by_a_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task_id} remise au {self.until}"


class SavedView(models.Model):
    """
    A question that a person asks of her inbox, under a name.

    It holds what the address of the page holds and never a row, so that each reader
    finds the answer that her own rights give.

    - `box`: where it looks, `said` the filters and the order;
    - `unit`: whose members find it too, if it is shared.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        db_index=False,
        related_name="+",
        verbose_name="auteur",
    )
    name = models.CharField("nom", max_length=60)
    box = models.CharField("boîte", max_length=20)
    said = models.JSONField("filtres et tri", default=dict)
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="partagée avec",
    )

    class Meta:
        verbose_name = "vue"
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                name="view_has_its_own_name",
                violation_error_message="Vous avez déjà une vue de ce nom.",
            ),
            models.CheckConstraint(name="view_has_a_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name


class DefaultView(models.Model):
    """The view on which a person's inbox opens."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="+"
    )
    view = models.ForeignKey(SavedView, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "vue par défaut"

    def __str__(self) -> str:
        return f"{self.user_id} → {self.view_id}"
