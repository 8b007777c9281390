"""The rival's table: a state machine that saves itself, and nothing else."""

from django.db import models
from django_fsm import FSMField, transition


class Ticket(models.Model):
    """A loan as one writes it with django-fsm-2 alone."""

    state = FSMField(default="asked")
    due_on = models.DateField(null=True)

    def __str__(self) -> str:
        return f"{self.pk} : {self.state}"

    @transition(field=state, source="asked", target="lent")
    def lend(self, until):
        self.due_on = until
