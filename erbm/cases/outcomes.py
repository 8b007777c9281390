"""Say in words what a move would change, from what the engine computes of it."""

from collections.abc import Iterable, Iterator

from erbm.words import FIXED
from workflow.engine import Effects
from workflow.models import Signature, Task, Unit
from workflow.process import Process

Rows = list[tuple[str, list[str]]]


def of(process: Process, effects: Effects) -> Rows:
    """Return the effects of a move, one row for each kind it has."""
    rows = {
        "État": [_state(process, effects)],
        "Signatures encore attendues": [
            _whom(process.role_label(role), units) for role, units in effects.awaited
        ],
        "Signatures rayées": [_signed(process, one) for one in effects.struck],
        "Accords défaits": [_signed(process, one) for one in effects.voided],
        "Demandes accomplies": list(_tasks(effects.tasks.answered)),
        "Demandes closes sans réponse": list(_tasks(effects.tasks.dropped)),
        "Demandes mises en attente": list(
            _tasks(task for task in effects.tasks.held if not task.held_at)
        ),
        "Demandes qui reprennent": list(_tasks(effects.tasks.resumed)),
        "Demandé ensuite": [
            f"{step.task_title}{FIXED}: {unit.name}"
            for step, unit in effects.tasks.asked
        ],
        "Prévenus par courriel": list(effects.told),
    }
    return [(label, lines) for label, lines in rows.items() if lines]


def _state(process: Process, effects: Effects) -> str:
    before, after = (
        f"«{FIXED}{process.state_label(state)}{FIXED}»"
        for state in (effects.before, effects.after)
    )
    if effects.changes_state:
        return f"{before} → {after}"
    if effects.takes_effect:
        return f"inchangé{FIXED}: {before}"
    return f"inchangé tant que d’autres n’ont pas signé{FIXED}: {before}"


def _whom(role: str, units: Iterable[Unit]) -> str:
    return ", ".join([role, *(unit.short_name for unit in units)])


def _signed(process: Process, signature: Signature) -> str:
    label, role = process.move(signature.move).label, signature.role
    return (
        f"«{FIXED}{label}{FIXED}», signé par {signature.user} "
        f"({process.role_label(role)})"
    )


def _tasks(tasks: Iterable[Task]) -> Iterator[str]:
    for task in tasks:
        yield f"{task.label}{FIXED}: {task.unit.name}"
