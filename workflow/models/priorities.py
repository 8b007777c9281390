"""How pressing a case or a task is, beside its due date."""

from django.db.models import IntegerChoices


class Priority(IntegerChoices):
    """The most pressing first, so that an index sorts as people do."""

    URGENT = 1, "Urgente"
    HIGH = 2, "Haute"
    NORMAL = 3, "Normale"
    LOW = 4, "Basse"
