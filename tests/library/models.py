"""A loan: the smallest subject a case can have."""

from django.db import models

from tests.library import lifecycle
from tests.library.v2 import lifecycle as second
from workflow.cases import performs, subject_of
from workflow.deadlines import Days
from workflow.models import Subject, Unit
from workflow.opinions import Meaning, Terms

TERMS = {"hasty": Terms(Days(1), Meaning.FAVOURABLE)}


@subject_of(lifecycle.PROCESS, second.PROCESS)
class Loan(Subject):
    book = models.CharField(max_length=200, blank=True)
    days = models.PositiveIntegerField(default=1)
    due_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="loan_is_not_endless", condition=models.Q(days__lt=1000)
            )
        ]

    def advice_terms(self):
        units = Unit.objects.filter(code__in=TERMS)
        return {unit.pk: TERMS[unit.code] for unit in units}

    @performs(lifecycle.LEND, second.LEND)
    def lend(self, made):
        self.due_on = made.inputs["until"]
