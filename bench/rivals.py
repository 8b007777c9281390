"""Four ways to make the same decision: lend a book that was asked for."""

import datetime
import os
import uuid

import psycopg
from django.db import transaction

from bench import stock
from bench.by_hand import LEND
from bench.models import Ticket
from tests.library import lifecycle
from tests.library.factories import NOW, UNTIL, attempt, unit
from workflow import engine, outbox
from workflow.models import Event, EventText, Task
from workflow.trail import chain

UNTIL_DATE = datetime.date.fromisoformat(UNTIL["inputs"]["until"])


@outbox.listens_to(lifecycle.PROCESS, lifecycle.LEND)
def tell(event, *, key, at):
    """Listen, so that a decision has a message to write."""


def asked_loans(town, count):
    """Open loans and take them to the librarian's desk."""
    loans = town.loans(count)
    for loan in loans:
        with transaction.atomic():
            made = attempt(loan, lifecycle.ASK, by=town.reader)
            engine.fire(lifecycle.PROCESS, loan.pk, made)
    return loans


class Engine:
    """`engine.fire` and a commit, as a command of the application does."""

    name = "the engine"

    def __init__(self, town):
        self.town = town

    def prepare(self, count):
        self.attempts = [
            (loan.pk, attempt(loan, lifecycle.LEND, by=self.town.librarian, **UNTIL))
            for loan in asked_loans(self.town, count)
        ]

    def decide(self, number):
        case_id, made = self.attempts[number]
        with transaction.atomic(durable=True):
            engine.fire(lifecycle.PROCESS, case_id, made)


class ByHand:
    """The same reads and the same writes, in statements prepared by psycopg."""

    name = "plain SQL"

    def __init__(self, town):
        self.town = town
        self.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)

    def prepare(self, count):
        loans = asked_loans(self.town, count)
        desks = {task.case_id: task for task in Task.objects.filter(step="desk")}
        example = EventText.objects.select_related("event").latest("event_id")
        self.values = [self._values(loan, desks[loan.pk], example) for loan in loans]

    def _values(self, loan, task, example):
        head = bytes(Event.objects.filter(case=loan.pk).latest("seq").hash)
        return {
            "case": loan.pk,
            "task": task.pk,
            "journey": task.process_id,
            "user": self.town.librarian.pk,
            "unit": task.unit_id,
            "reader": unit("unit-reader").pk,
            "jurisdiction": task.jurisdiction_id,
            "reference": task.reference,
            "title": task.subject,
            "at": NOW,
            "on": NOW.date(),
            "until": UNTIL_DATE,
            "body": example.event.body,
            "previous": head,
            "hash": chain.link(head, example.event.body),
            "salt": bytes(example.salt),
            "text": example.text,
            "key": uuid.uuid4(),
        }

    def decide(self, number):
        values = self.values[number]
        with self.connection.transaction(), self.connection.cursor() as cursor:
            for statement in LEND:
                cursor.execute(statement, values)
                if cursor.description:
                    rows = cursor.fetchall()
                    if statement.endswith("RETURNING id"):
                        values["event"] = rows[0][0]


class Stock:
    """viewflow's own step: taken in charge, then done, with the right to do it."""

    name = "stock viewflow, its activations"
    decides = staticmethod(stock.decide)

    def __init__(self, town):
        self.user = town.librarian
        stock.allow(self.user)

    def prepare(self, count):
        self.tasks = stock.open_tasks(count)

    def decide(self, number):
        self.decides(self.tasks[number], by=self.user, until=UNTIL_DATE)


class StockViews(Stock):
    """The same, as it is shipped: its checks and its forms are in its views."""

    name = "stock viewflow, its two views"
    decides = staticmethod(stock.decide_through_views)


class PlainFSM:
    """django-fsm-2 and a save: no rights, no task, no trail, no message."""

    name = "django-fsm-2 and save()"

    def __init__(self, town):
        pass

    def prepare(self, count):
        self.ids = [Ticket.objects.create().pk for _ in range(count)]

    def decide(self, number):
        with transaction.atomic(durable=True):
            ticket = Ticket.objects.select_for_update().get(pk=self.ids[number])
            ticket.lend(UNTIL_DATE)
            ticket.save()
