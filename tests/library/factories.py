"""People, units and loans, walked to a state through real moves."""

import datetime
import uuid

from django.contrib.auth import get_user_model
from django.db import transaction

from tests.library.lifecycle import PROCESS, Role
from tests.library.models import Loan
from workflow import engine, opening, substitutions
from workflow.models import Competence, Jurisdiction, Membership, Unit
from workflow.substitutions import Absence

NOW = datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.UTC)
TODAY = NOW.date()


def unit(code):
    return Unit.objects.get_or_create(
        code=code, defaults={"name": code.capitalize(), "short_name": code}
    )[0]


def town(code="lens"):
    return Jurisdiction.objects.get_or_create(
        code=code, defaults={"name": code.capitalize()}
    )[0]


def person(name, *roles, place=None, within=None, starts_on=None, ends_on=None):
    user, _ = get_user_model().objects.get_or_create(
        email=f"{name}@example.org", defaults={"first_name": name.capitalize()}
    )
    for role in roles:
        Membership.objects.create(
            user=user,
            unit=place or unit(f"unit-{role}"),
            role=role,
            jurisdiction=within,
            starts_on=starts_on or datetime.date(2026, 1, 1),
            ends_on=ends_on,
        )
    return user


def stands_in(substitute, principal, *, days=(TODAY, TODAY), by=None, at=NOW, **said):
    """Let somebody act for another who is away, from the first day to the last."""
    absence = Absence(
        principal=principal,
        substitute=substitute,
        first_day=days[0],
        last_day=days[1],
        **said,
    )
    with transaction.atomic():
        return substitutions.substitute(absence=absence, by=by or principal, at=at)


class Town:
    """A library with its staff, and one reader."""

    def __init__(self):
        for role in (Role.LIBRARIAN, Role.DIRECTOR, Role.MAYOR):
            Competence.objects.create(
                process=PROCESS.name, role=role, unit=unit(f"unit-{role}")
            )
        self.reader = person("rose", Role.READER)
        self.librarian = person("lena", Role.LIBRARIAN)
        self.director = person("denis", Role.DIRECTOR)
        self.mayor = person("marie", Role.MAYOR)
        self.inspector = person("irma", Role.INSPECTOR)

    def role(self, role):
        return getattr(self, str(role))

    def loans(
        self,
        count,
        *,
        book="Germinal",
        days=2,
        at=NOW,
        place=None,
        advisers=(),
        process=PROCESS,
    ):
        new = [
            opening.NewCase(
                subject=Loan(book=book, days=days),
                title=f"{book} {n}" if n else book,
                jurisdiction=place or town(),
                parties={
                    Role.READER: [unit("unit-reader")],
                    Role.ADVISER: list(advisers),
                },
            )
            for n in range(count)
        ]
        with transaction.atomic():
            cases = opening.open_cases(
                process, new, role=Role.READER, by=self.reader, at=at
            )
        return [case.loan for case in cases]

    def loan(self, **facts):
        return self.loans(1, **facts)[0]

    def loan_at(self, state, **facts):
        """Walk a loan to a state."""
        loan = self.loan(**facts)
        for move, by, said in WALKS[state]:
            fire(loan, PROCESS.move(move), by=self.role(by), **said)
        return Loan.objects.select_related("case").get(pk=loan.pk)


UNTIL = {"inputs": {"until": "2026-03-20"}}
LENT = [("ask", "reader", {}), ("lend", "librarian", UNTIL)]
WALKS = {
    "wished": [],
    "asked": LENT[:1],
    "lent": LENT,
    "frozen": [*LENT, ("freeze", "librarian", {"reason": "Inventaire."})],
    "returned": [*LENT, ("return", "reader", {}), ("return", "librarian", {})],
    "refused": [*LENT[:1], ("refuse", "librarian", {"reason": "Abîmé."})],
    "given": [
        *LENT[:1],
        ("give", "director", {"confirmed_at": NOW}),
        ("give", "mayor", {"confirmed_at": NOW}),
    ],
}


def attempt(loan, move, *, by, at=NOW, seen=None, key=None, **said):
    if seen is None:
        seen = type(loan.case).objects.get(pk=loan.case_id).version
    return engine.Attempt(
        move=move, by=by, at=at, seen=seen, key=key or uuid.uuid4(), **said
    )


def fire(loan, move, **said):
    with transaction.atomic():
        return engine.fire(PROCESS, loan.pk, attempt(loan, move, **said))
