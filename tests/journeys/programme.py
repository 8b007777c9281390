"""What a journey through the whole programme needs: its days, its people, its acts."""

import datetime
import re
import subprocess
import sys
import uuid
import zipfile

from django.utils import timezone
from playwright.sync_api import expect

from erbm.committees import commands as committees
from erbm.funding import commands as funding
from erbm.grants.models import DocumentKind, Grant, Payment, PaymentKind
from tests.committees import factories as sittings
from tests.grants import factories as granting
from tests.journeys import pictures
from tests.journeys.people import Person
from tests.operations import factories
from tests.operations.factories import PDF
from workflow.deadlines import LOCAL
from workflow.models import Case

FILE = {"name": "piece.pdf", "mimeType": "application/pdf", "buffer": PDF}
WIDE = {"width": pictures.WIDTHS[0], "height": pictures.HEIGHT}


# The days


class Clock:
    """The time of the application, which goes by, and which a test moves on."""

    def __init__(self, monkeypatch):
        self._real = timezone.now
        self._ahead = datetime.timedelta()
        monkeypatch.setattr(timezone, "now", lambda: self._real() + self._ahead)

    def go_to(self, day, hour=10):
        moment = datetime.datetime.combine(day, datetime.time(hour), tzinfo=LOCAL)
        self._ahead = moment - self._real()


class Cast:
    """Those who take part, each in a session of her own that lasts for a day."""

    def __init__(self, browser, site, clock):
        self._browser, self._site, self._clock = browser, site, clock
        self._here = {}

    def __call__(self, user, address=""):
        """Have somebody come, and open a page if one is said."""
        if user.pk not in self._here:
            person = Person(self._browser, self._site, user)
            self._here[user.pk] = person
            person.__enter__()
            person.page.set_viewport_size(WIDE)
        person = self._here[user.pk]
        if address:
            person.page.goto(address)
        return person

    def come_back_on(self, day, hour=10):
        """Send everybody home until a day: sessions do not last so long."""
        self.leave()
        self._clock.go_to(day, hour)

    def leave(self):
        while self._here:
            _, person = self._here.popitem()
            person.__exit__(None)

    def drop(self):
        """Close what a failure has left open."""
        for person in self._here.values():
            person.page.context.close()


def see(person, name):
    """Picture the page, and find no fault in it."""
    assert pictures.take(person.page, f"programme-{name}") == []
    person.page.set_viewport_size(WIDE)


def says(person, text):
    """Check that the page says something."""
    expect(person.page.locator("main")).to_contain_text(text)


# Where things are


def page_of(subject):
    room = {Grant: "subventions", Payment: "paiements"}.get(type(subject), "operations")
    return f"/{room}/{subject.pk}/"


def sitting_page(sitting, what=""):
    return f"/seances/{sitting.pk}/{what}"


def state_of(subject):
    return Case.objects.get(pk=subject.pk).state


# What needs no browser


def done(subject, name, role, *, by=None, **said):
    """Make a move now, by whoever plays a role."""
    by = by or factories.person(subject, role)
    granting.fire(subject, name, by=by, at=timezone.now(), **said)


def under_review(kind, *lines):
    """Have an operation filed with its plan, and its opinions asked."""
    operation = factories.opened(kind)
    funding.set_plan(
        operation_id=operation.pk,
        process=operation.process,
        lines=[
            funding.Planned(scheme, cents, factories.unit(funder) if funder else None)
            for scheme, cents, funder in lines
        ],
        seen=operation.case.version,
        key=uuid.uuid4(),
        by=factories.person(operation, "owner"),
        at=operation.case.changed_at,
    )
    factories.documents(factories.again(operation))
    factories.move("submit", "owner")(operation)
    factories.move("declare_complete", "lead_service", early_start="none")(operation)
    return factories.again(operation)


def hear_the_others(operation, *, said, silent=""):
    """Have every unit give its opinion, but those that have, and one that does not."""
    for party in operation.case.parties.filter(role="consulted").select_related("unit"):
        by = factories.person_of(party.unit, "consulted")
        if by not in said and party.unit.code != silent:
            done(operation, "give_opinion", "", by=by, direction="favourable")


def planned(code, held_on):
    """Plan a sitting on whose agenda is all that is ready."""
    sitting = sittings.planned(code, held_on=held_on, at=timezone.now())
    committees.propose_agenda(
        asked=sittings.asked(sitting, sitting.case.version),
        by=sittings.secretary(code),
        at=timezone.now(),
    )
    return sittings.again(sitting)


def convened(sitting):
    by = sittings.secretary(sitting.body.code)
    return sittings.fire(sitting, "convene", by=by, at=timezone.now())


def opened(sitting):
    """Open a sitting, with everybody there."""
    by = sittings.secretary(sitting.body.code)
    sitting = sittings.fire(sitting, "open", by=by, at=timezone.now())
    return sittings.attend(sitting, at=timezone.now())


# Sittings, in the browser


def point_of(sitting, operation):
    [item] = [one for one in sitting.agenda() if one.operation_id == operation.pk]
    return item.position


def seat_of(sitting, code):
    """Return the number of the voting seat of a unit, on the attendance sheet."""
    rows = [row for row in sitting.sheet() if row.unit.code == code and row.has_vote]
    return str(rows[0].pk)


def sign_in(person, sitting, *, giver, bearer):
    """Tick everybody on the attendance sheet, but one who gives its vote to another."""
    page = person.page
    for box in page.locator("[name='present']").all():
        box.check()
    absent = seat_of(sitting, giver)
    page.locator(f"[name='present'][value='{absent}']").uncheck()
    page.locator(f"[name='proxy-{absent}']").select_option(seat_of(sitting, bearer))
    page.get_by_role("button", name="Enregistrer les présences").click()
    says(person, "La feuille de présence est enregistrée.")
    says(person, "Quorum réuni")


def to_point(person, sitting, operation):
    point = point_of(sitting, operation)
    person.page.goto(sitting_page(sitting, f"en-seance/?point={point}"))
    return point


def stand_aside(person, sitting, code, reason):
    """Record that a member takes no part in the item that is shown."""
    page = person.page
    page.get_by_text("Consigner un déport sur ce point").click()
    page.locator("#seat").select_option(seat_of(sitting, code))
    page.locator("#aside-reason").fill(reason)
    page.get_by_role("button", name="Consigner le déport").click()
    says(person, "Le déport est consigné.")


def decide(person, sitting, operation, decision, *, taken="", **said):
    """Record what the body decides of an operation."""
    point = to_point(person, sitting, operation)
    page = person.page
    form = page.locator("form", has=page.locator("button[name='decision']"))
    for name, value in said.items():
        form.locator(f"[name='{name}']").fill(str(value))
    if taken:
        form.locator(f"[name='taken'][value='{taken}']").check(force=True)
    form.locator(f"button[value='{decision}']").click()
    told = re.compile(rf"Point {point}\s: décision consignée")
    expect(page.locator(".fr-alert--success")).to_contain_text(told)


# Money, in the browser


def join(person, subject, kind):
    """Join a document to a grant or to a payment."""
    person.page.goto(f"{page_of(subject)}pieces/nouvelle/")
    person.send("Joindre", kind=kind, file=FILE)


def ask_to_be_paid(person, grant, kind, amount):
    """Have the owner prepare, justify and present a request; return the payment."""
    person.page.goto(f"{page_of(grant)}paiements/{kind}/")
    person.send("Préparer la demande", amount_cents=amount)
    payment = grant.payments.get(kind=kind)
    if kind == PaymentKind.BALANCE:
        join(person, payment, DocumentKind.STATEMENT)
    person.page.goto(page_of(payment))
    person.make("Demander le paiement")
    return payment


def certify_and_pay(cast, payment, amount, *, lead, accountant):
    """Have a request certified by the service, and paid by the accountant."""
    cast(lead, page_of(payment)).make("Certifier la demande", certified_cents=amount)
    cast(accountant, page_of(payment)).make(
        "Enregistrer le paiement",
        paid_on=timezone.localdate(),
        payment_reference=f"DP {payment.pk}",
    )
    assert state_of(payment) == "paid"


# The dossier


def take_dossier(person, operation, folder):
    """Take the dossier of an operation, and return the names of what it holds."""
    page = person.page
    page.goto(page_of(operation))
    with page.expect_download() as taken:
        page.get_by_role("button", name="Dossier complet").click()
    with zipfile.ZipFile(taken.value.path()) as archive:
        archive.extractall(folder)
        return archive.namelist()


def verdict_on(folder):
    """Return what the verifier that a dossier holds says of it, run on its own."""
    command = [sys.executable, "-I", str(folder / "preuve" / "verifier.py")]
    return subprocess.run(command, capture_output=True, check=False).returncode
