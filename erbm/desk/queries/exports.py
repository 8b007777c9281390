"""The lists of the desk as tables: all their rows, read some at a time."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import QuerySet

from erbm.cases.rooms import label_of
from erbm.desk.queries.inbox import Inbox
from erbm.operations.models import Operation
from erbm.tables import Euros, Table, Value
from flows.stages import Stage
from workflow.cases import process_of
from workflow.inbox import Box
from workflow.models import Case, Task

CHUNK = 500

OPERATIONS = {
    "Référence": 16,
    "Nature": 20,
    "Intitulé": 50,
    "Porteur": 28,
    "Communes": 28,
    "Arrondissement": 18,
    "Étape": 16,
    "État": 28,
    "Coût (€)": 18,
    "Aide demandée (€)": 18,
    "Logements avant": 16,
    "Logements livrés": 16,
    "Logements sortis": 16,
    "Ouverte le": 14,
    "Dernier changement": 18,
}
TASKS = {
    "Référence": 16,
    "Nature": 20,
    "Opération": 50,
    "À faire": 40,
    "Service": 28,
    "Prise en charge par": 28,
    "Étape": 16,
    "Arrondissement": 18,
    "Priorité": 12,
    "Montant (€)": 18,
    "Demandée le": 14,
    "Échéance": 14,
    "Faite le": 14,
}
CASES = {
    "Référence": 16,
    "Nature": 20,
    "Intitulé": 50,
    "Arrondissement": 18,
    "Étape": 16,
    "État": 28,
    "Priorité": 12,
    "Montant (€)": 18,
    "Dernier changement": 18,
}


def operations(found: "QuerySet[Operation]") -> Table:
    """Return the operations of a list."""
    rows = map(_operation, found.iterator(chunk_size=CHUNK))
    return _table("Opérations", OPERATIONS, rows)


def box(desk: Inbox, which: Box, title: str) -> Table:
    """Return what a box of the inbox holds."""
    found = desk.holds(which).order_by(*desk.order(which).terms())
    if which is Box.FOLLOWED:
        cases = found.select_related("jurisdiction").iterator(chunk_size=CHUNK)
        return _table(title, CASES, map(_case, cases))
    tasks = found.select_related("unit", "owner", "jurisdiction")
    return _table(title, TASKS, map(_task, tasks.iterator(chunk_size=CHUNK)))


def _table(
    title: str, columns: dict[str, int], rows: Iterator[Sequence[Value]]
) -> Table:
    return Table(title, list(columns), rows, list(columns.values()))


def _operation(operation: Operation) -> Sequence[Value]:
    case = operation.case
    return (
        *(case.reference, operation.get_kind_display(), case.title),
        operation.owner.name,
        ", ".join(commune.name for commune in operation.communes.all()),
        *(str(case.jurisdiction), _stage(case.stage), _state(case)),
        *(Euros(case.amount_cents), Euros(operation.requested_cents)),
        *(operation.dwellings_before, operation.dwellings_delivered),
        operation.dwellings_withdrawn,
        *(case.opened_at, case.changed_at),
    )


def _task(task: Task) -> Sequence[Value]:
    return (
        *(task.reference, label_of(task.kind), task.subject, task.label),
        *(task.unit.name, str(task.owner or "")),
        *(_stage(task.stage), str(task.jurisdiction), task.get_priority_display()),
        *(Euros(task.amount_cents), task.created, task.due_at, task.finished),
    )


def _case(case: Case) -> Sequence[Value]:
    return (
        *(case.reference, label_of(case.process), case.title),
        *(str(case.jurisdiction), _stage(case.stage), _state(case)),
        *(case.get_priority_display(), Euros(case.amount_cents), case.changed_at),
    )


def _stage(name: str) -> str:
    return str(Stage(name).label)


def _state(case: Case) -> str:
    state: Any = case.state
    return process_of(case).state_label(state)
