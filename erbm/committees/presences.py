"""Who takes part in a sitting: in person, by proxy, or not at all in one item."""

from collections.abc import Sequence
from dataclasses import dataclass

from erbm.committees.models import AgendaItem, Attendance, Sitting
from erbm.committees.openings import refuse
from erbm.committees.quorum import quorum
from workflow import engine
from workflow.refusals import Ground


@dataclass(frozen=True, slots=True)
class Presence:
    """What is said of one seat."""

    attendance_id: int
    is_present: bool
    name: str = ""
    proxy_to: int | None = None


def check_proxies(sitting: Sitting, sheet: dict[int, Attendance]) -> None:
    """
    Refuse a vote that cannot be carried. (CRPA, art. R. 133-9.)

    :raises MoveRefused: if one is given by who has none, to who is not there or has
        none, or to who carries too many
    """
    carried: dict[int, int] = {}
    for row in sheet.values():
        if row.proxy_to_id is None:
            continue
        bearer = sheet.get(row.proxy_to_id)
        if bearer is None or not (row.has_vote and bearer.has_vote):
            message = f"{row} : un mandat va d’un membre votant à un autre."
            raise refuse(Ground.REQUIREMENT, message)
        if not bearer.is_present:
            message = f"{row} : {bearer} n’est pas en séance pour porter ce mandat."
            raise refuse(Ground.REQUIREMENT, message)
        carried[bearer.pk] = carried.get(bearer.pk, 0) + 1
        if carried[bearer.pk] > sitting.rules.proxies_most:
            most = sitting.rules.proxies_most
            message = f"{bearer} : un membre porte {most} mandat(s) au plus."
            raise refuse(Ground.REQUIREMENT, message)


def noted_attendance(sitting: Sitting, sheet: Sequence[Attendance]) -> engine.Noted:
    count = quorum(sitting.quorum_rule, sheet)
    codes = {row.pk: f"{row.unit.code}.{row.role}" for row in sheet}
    facts = {
        "present": [codes[row.pk] for row in sheet if row.is_present],
        "proxies": [
            [codes[row.pk], codes[row.proxy_to_id]] for row in sheet if row.proxy_to_id
        ],
        "quorum": {"needed": str(count.needed), "counted": str(count.counted)},
    }
    texts = {f"name.{codes[row.pk]}": row.name for row in sheet if row.name}
    return engine.Noted(facts=facts, texts=texts)


def touch(item: AgendaItem) -> None:
    """Have those who look at an item see that it changed."""
    item.version += 1
    item.save(update_fields=["version"])


def noted_withdrawal(
    item: AgendaItem, row: Attendance | None, reason: str
) -> engine.Noted:
    facts = {
        "item": item.operation.case.reference,
        "aside": f"{row.unit.code}.{row.role}" if row else "",
        "stands": bool(reason),
    }
    return engine.Noted(facts=facts, texts={"reason": reason} if reason else {})
