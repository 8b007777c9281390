"""Where a consultation stands: who was asked, who answered, what silence says."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass

from workflow import journeys
from workflow.cases import Made
from workflow.deadlines import LOCAL
from workflow.models import Case, Consulted, Event, Task, Unit
from workflow.opinions import Meaning, Opinions, Standing


@dataclass(frozen=True, slots=True)
class Asked:
    """A task that asks an opinion of a unit, and what came of it."""

    task: Task
    consulted: Consulted

    @property
    def unit(self) -> Unit:
        unit: Unit = self.task.unit
        return unit

    @property
    def is_answered(self) -> bool:
        return bool(self.consulted.said)

    @property
    def is_late(self) -> bool:
        return self.consulted.is_late

    @property
    def silence(self) -> Meaning:
        return Meaning(self.consulted.silence)

    def is_expired(self, on: datetime.date) -> bool:
        """Tell whether the time of the unit ran out before a day."""
        due = self.task.due_at
        if due is None or self.task.held_at or self.task.is_stopped:
            return False
        # A task that closed before its time may yet be answered within it.
        return due.astimezone(LOCAL).date() < on

    def standing(self, opinions: Opinions, on: datetime.date) -> Standing:
        """Say how the unit counts on a day."""
        given = Meaning(self.consulted.said) if self.consulted.said else None
        in_time = given if not self.is_late else None
        due = self.task.due_at
        return Standing(
            unit=str(self.unit),
            code=self.unit.code,
            said=in_time,
            deemed=self.silence
            if in_time is None and (self.is_late or self.is_expired(on))
            else None,
            due=f"{due.astimezone(LOCAL):%d/%m/%Y}" if due else "",
        )


def may_have_begun(case: Case, opinions: Opinions, roles: Collection[str]) -> bool:
    """
    Tell, from the roles that units play in a case, whether one can have been asked.

    A unit is made a party before it is asked, and is one for as long as it counts.
    """
    return not journeys.consulted_roles(case.process, opinions).isdisjoint(roles)


def asked(case: Case, opinions: Opinions) -> list[Asked]:
    """Return the latest task of each unit that is consulted, in the order asked."""
    steps = [step.name for step in journeys.consulting(case, opinions)]
    tasks = Task.objects.filter(case=case, step__in=steps)
    latest: dict[int, Asked] = {}
    for task in tasks.select_related("unit", "consulted").order_by("pk"):
        latest[task.unit_id] = Asked(task, _consulted(task, opinions))
    return [one for one in latest.values() if one.consulted.withdrawn_at is None]


def _consulted(task: Task, opinions: Opinions) -> Consulted:
    """Return what is known of a task, or what was before it was written down."""
    known: Consulted | None = getattr(task, "consulted", None)
    if known is not None:
        return known
    said = Meaning.NEUTRAL.value if task.completed_move else ""
    return Consulted(task=task, silence=opinions.silence.value, said=said)


def record(case: Case, opinions: Opinions, made: Made, event: Event) -> None:
    """Keep the sense of an opinion, and whether it came too late."""
    [mine] = [one for one in asked(case, opinions) if one.unit.pk == made.unit.pk]
    consulted = mine.consulted
    consulted.consultation = opinions.name
    consulted.said = opinions.meaning_of(made.inputs).value
    consulted.said_by = event
    consulted.is_late = mine.is_expired(made.effective_on)
    consulted.save()


def withdraw(one: Asked, opinions: Opinions, at: datetime.datetime) -> None:
    """Keep that the opinion of a unit is awaited no more."""
    one.consulted.consultation = opinions.name
    one.consulted.withdrawn_at = at
    one.consulted.save()
