"""The pages of sittings: lists, agenda, the screen of the room, the close, papers."""

import datetime
import io
import uuid
from dataclasses import asdict

import docx
import pytest
from django.core import mail
from django.urls import reverse
from icalendar import Calendar
from pypdf import PdfReader

from erbm.committees import commands, printed
from erbm.committees.models import CalendarFeed, Withdrawal
from erbm.obligations.models import Obligation
from erbm.operations.models import Kind, Operation
from erbm.printing import editable
from flows.operation import State as OperationState
from flows.roles import Role
from flows.sitting.lifecycle import State
from tests.committees import factories
from tests.committees.factories import (
    COPIL,
    LENS,
    NOW,
    again,
    body,
    chair,
    seat,
    secretary,
)
from tests.obligations.factories import DEMANDS, heard
from tests.operations.factories import PASSWORD, operation_at, stranger
from workflow import outbox

PHASES = "31/12/2026 : fournir le phasage."
LASTING = "31/12/2031 : fournir le phasage."

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def page(name, *args):
    return reverse(f"committees:{name}", args=args)


def text_of(answer):
    assert answer.status_code == 200
    reader = PdfReader(io.BytesIO(answer.content))
    return len(reader.pages), "".join(one.extract_text() for one in reader.pages)


def test_who_has_no_part_in_a_sitting_knows_nothing_of_it(visit):
    sitting = factories.planned()

    for name in ("detail", "agenda", "live", "live_state", "minutes"):
        assert visit(stranger(), page(name, sitting.pk)).status_code == 404


@pytest.mark.parametrize("state", State)
def test_the_page_of_a_sitting_shows_in_every_state(visit, state):
    sitting = factories.sitting_at(state)

    answer = visit(secretary(), page("detail", sitting.pk))

    assert answer.status_code == 200
    assert sitting.agenda()[0].operation.case.reference in answer.text


# The agenda


def test_the_agenda_is_filled_and_arranged_from_its_page(visit):
    operations = [operation_at(OperationState.ON_AGENDA) for _ in range(2)]
    later = datetime.date(2031, 3, 13)
    sitting = factories.planned(held_on=later)
    address = page("agenda", sitting.pk)

    def press(action, **said):
        seen = str(again(sitting).case.version)
        return visit(secretary(), address, action=action, seen=seen, **said)

    press("propose")
    first, second = again(sitting).agenda()
    assert [first.operation, second.operation] == operations
    press(f"down:{first.pk}")
    assert again(sitting).agenda() == [second, first]
    press(f"up:{first.pk}")
    press(f"remove:{second.pk}")
    assert again(sitting).agenda() == [first]
    press("add", operation=str(second.operation_id))
    assert len(again(sitting).agenda()) == 2
    shown = visit(secretary(), address)
    assert operations[1].case.reference in shown.text
    assert press("burn").status_code == 400


# The room


@pytest.fixture
def room(visit):
    sitting = factories.open_(operations=2)
    return sitting, page("live", sitting.pk)


def send(visit, sitting, item, decision, *, by=None, seen=None, **said):
    item.refresh_from_db()
    return visit(
        by or secretary(),
        page("decide", sitting.pk, item.pk),
        seen=str(item.version if seen is None else seen),
        decision=decision,
        **said,
    )


def test_the_screen_shows_one_item_the_quorum_and_the_keys(visit, room):
    _, address = room

    shown = visit(secretary(), address).text

    assert "Quorum réuni" in shown
    assert 'accesskey="f"' in shown
    assert "Point 1 ·" in shown
    assert "Alt + Maj" in shown
    assert 'hx-trigger="every 2s"' in shown
    assert "Point 2 ·" in visit(secretary(), f"{address}?point=2").text


def test_a_decision_leads_to_the_next_item(visit, room):
    sitting, address = room
    first, _ = sitting.agenda()

    answer = send(visit, sitting, first, "endorse", conditions=PHASES)

    assert answer.url == f"{address}?point=2"
    first.refresh_from_db()
    assert (first.decision, first.conditions) == ("endorse", PHASES)


def test_what_services_asked_for_is_chosen_by_a_box(visit):
    heard()
    sitting = factories.open_(operations=0)
    [item] = sitting.agenda()
    first, second = DEMANDS.splitlines()
    address = page("live", sitting.pk)
    assert visit(secretary(), address).text.count('name="taken"') == 2

    send(visit, sitting, item, "endorse", conditions=PHASES, taken=[second])

    item.refresh_from_db()
    assert item.conditions == f"{PHASES}\n{second}"
    shown = visit(secretary(), address).text
    assert shown.count('name="taken"') == 1
    assert f'value="{first}"' in shown
    stale = send(visit, sitting, item, "endorse", seen=1, taken=[first])
    assert stale.status_code == 409
    assert first in stale.text


def test_what_is_missing_is_said_beside_its_field(visit, room):
    sitting, _ = room

    answer = send(visit, sitting, sitting.agenda()[0], "decline", conditions="Gardé.")

    assert answer.status_code == 422
    assert "À renseigner" in answer.text
    assert "Gardé." in answer.text
    assert send(visit, sitting, sitting.agenda()[0], "").status_code == 422


def test_the_second_editor_is_told_and_keeps_what_she_typed(visit, room):
    sitting, _ = room
    [item, _] = sitting.agenda()
    send(visit, sitting, item, "endorse")

    answer = send(
        visit, sitting, item, "decline", by=chair(), seen=1, reason="Trop cher."
    )

    assert answer.status_code == 409
    assert "a changé pendant votre saisie" in answer.text
    assert "Trop cher." in answer.text
    item.refresh_from_db()
    assert item.decision == "endorse"


def test_each_sees_what_the_other_decides(visit, room):
    sitting, _ = room
    state = page("live_state", sitting.pk)
    version = again(sitting).case.version
    assert visit(chair(), f"{state}?version={version}&point=1").status_code == 204

    send(visit, sitting, sitting.agenda()[0], "endorse")

    news = visit(chair(), f"{state}?version={version}&point=1")
    assert "Avis favorable" in news.text
    assert f"version={version + 1}" in news.text


def test_presence_and_withdrawals_are_recorded_from_the_screen(visit, room):
    sitting, address = room
    rows = sitting.sheet()
    away = next(row for row in rows if row.unit.code == "region")

    visit(
        secretary(),
        page("attendance", sitting.pk),
        seen=str(again(sitting).case.version),
        present=[str(row.pk) for row in rows if row != away],
        **{f"name-{rows[0].pk}": "Claire Delattre"},
    )
    away.refresh_from_db()
    assert not away.is_present
    assert again(sitting).sheet()[0].name == "Claire Delattre"

    item = sitting.agenda()[0]
    aside = page("aside", sitting.pk, item.pk)
    visit(secretary(), aside, seat=str(away.pk), reason="Vend le terrain.")
    assert Withdrawal.objects.filter(item=item).count() == 1
    assert "le déport de Région" in visit(secretary(), f"{address}?point=1").text
    visit(secretary(), aside, back=str(away.pk))
    assert not Withdrawal.objects.exists()


def test_the_close_shows_every_effect_then_makes_them(visit):
    sitting = factories.decided()
    address = page("move", sitting.pk, "close")

    shown = visit(chair(), address)
    assert "Soumise au COPIL" in shown.text
    sent = {"seen": str(again(sitting).case.version)}
    wrong = visit(chair(), address, password="autre", **sent)
    assert wrong.status_code == 422
    done = visit(chair(), address, password=PASSWORD, **sent)

    assert done.status_code == 302
    [item] = again(sitting).agenda()
    assert item.operation.case.state == OperationState.AWAITING_COPIL


def test_a_close_that_cannot_be_says_why_before_it_is_tried(visit):
    sitting = factories.decided()
    [item] = sitting.agenda()
    case = item.operation.case
    type(case).objects.filter(pk=case.pk).update(version=case.version + 1)

    shown = visit(chair(), page("move", sitting.pk, "close"))

    assert "(impossible)" in shown.text
    assert "a changé depuis la décision" in shown.text


def test_the_close_of_a_copil_reads_the_plans_of_its_operations_together(visit):
    for kind in Kind:
        operation_at(OperationState.AWAITING_COPIL, kind)
    sitting = factories.decided(COPIL, operations=0)
    address = page("move", sitting.pk, "close_jointly")

    for role in (Role.COPIL_STATE, Role.COPIL_REGION):
        co_chair = seat(role, COPIL)
        assert visit(co_chair, address).text.count("Financement en cours") >= len(Kind)
        sent = {"seen": str(again(sitting).case.version)}
        assert visit(co_chair, address, password=PASSWORD, **sent).status_code == 302

    states = [item.operation.case.state for item in again(sitting).agenda()]
    assert states == [OperationState.FUNDING] * len(Kind)


def test_the_close_numbers_its_decisions_and_opens_their_conditions(visit):
    sitting = factories.open_(operations=2)
    for item, asked in zip(sitting.agenda(), (LASTING, ""), strict=True):
        factories.decide(sitting, item, conditions=asked)
    sent = {"seen": str(again(sitting).case.version)}

    visit(chair(), page("move", sitting.pk, "close"), password=PASSWORD, **sent)

    assert again(sitting).case.state == State.CLOSED
    assert [item.number for item in again(sitting).agenda()] == [1, 2]
    assert Obligation.objects.get().operation == sitting.agenda()[0].operation


# Papers


def test_the_sheet_of_an_operation_is_one_page(visit):
    operation = operation_at(OperationState.ON_AGENDA)

    pages, text = text_of(visit(secretary(), page("operation_sheet", operation.pk)))

    assert pages == 1
    assert operation.case.reference in text
    assert "Projet mûr." in text
    assert visit(stranger(), page("operation_sheet", operation.pk)).status_code == 404


def test_minutes_and_extracts_are_printed_once_the_sitting_is_closed(visit):
    sitting = factories.open_()
    assert visit(secretary(), page("minutes", sitting.pk)).status_code == 404
    sitting = factories.close(factories.decide(sitting, conditions=PHASES))
    [item] = sitting.agenda()

    _, draft = text_of(visit(secretary(), page("minutes", sitting.pk)))
    assert "Projet de relevé" in draft
    sitting = factories.fire(sitting, "publish", by=secretary(), at=NOW)
    _, minutes = text_of(visit(secretary(), page("minutes", sitting.pk)))
    _, extract = text_of(visit(secretary(), page("extract", sitting.pk, item.pk)))

    for text in (minutes, extract):
        assert "COMITE-LENS-2026-D0001" in text
        assert "fournir le phasage" in text
    assert sitting.minutes_label in minutes


def words_of(answer):
    """Open a DOCX, and return all that it says, with its headings apart."""
    assert answer["Content-Type"] == editable.CONTENT_TYPE
    assert answer["Content-Disposition"].startswith("attachment")
    file = docx.Document(io.BytesIO(answer.content))
    paragraphs = [*file.paragraphs]
    for table in file.tables:
        paragraphs += [one for cell in table._cells for one in cell.paragraphs]
    headings = [one.text for one in file.paragraphs if "Heading" in one.style.name]
    return headings, "\n".join(one.text for one in paragraphs)


def leaves(data):
    match data:
        case dict():
            return [leaf for one in data.values() for leaf in leaves(one)]
        case list() | tuple():
            return [leaf for one in data for leaf in leaves(one)]
    return [data] if isinstance(data, str) else []


def test_minutes_to_be_written_further_say_what_is_printed_under_the_same_numbers(
    visit,
):
    sitting = factories.open_(operations=2)
    assert visit(secretary(), page("editable_minutes", sitting.pk)).status_code == 404
    for item in sitting.agenda():
        sitting = factories.decide(sitting, item, conditions=PHASES)
    sitting = factories.close(sitting)
    sitting = factories.fire(sitting, "publish", by=secretary(), at=NOW)
    first, second = sitting.agenda()

    shown = visit(secretary(), page("detail", sitting.pk)).text
    assert page("editable_minutes", sitting.pk) in shown
    headings, said = words_of(visit(secretary(), page("editable_minutes", sitting.pk)))

    for item in (first, second):
        case = item.operation.case
        assert f"{item.position}. {case.reference} · {case.title}" in headings
    assert said.index(first.number_label) < said.index(second.number_label)
    document = printed.minutes_of(sitting, printed.Edition(secretary(), NOW))
    assert document.title.endswith(sitting.minutes_label)
    sections = asdict(document)["sections"]
    kinds = {"facts", "table", "text", "entry"}
    assert [leaf for leaf in leaves(sections) if leaf not in said] == [
        leaf for leaf in leaves(sections) if leaf in kinds
    ]
    address = page("editable_extract", sitting.pk, first.pk)
    _, extract = words_of(visit(secretary(), address))
    assert first.number_label in extract
    assert second.number_label not in extract


def test_the_report_to_the_copil_sums_up_what_was_arbitrated(visit):
    operation = operation_at(OperationState.ARBITRATION)
    factories.moves.make_move(
        case_id=operation.pk,
        process=operation.process,
        attempt=factories.moves.Attempt(
            move=operation.process.move("arbitrate_for"),
            by=chair(),
            at=factories.PLANNED_AT,
            seen=operation.case.version,
            key=uuid.uuid4(),
            reason="Le besoin prime.",
            confirmed_at=factories.PLANNED_AT,
        ),
    )
    sitting = factories.proposed(COPIL, operations=0)

    _, text = text_of(visit(secretary(COPIL), page("report", sitting.pk)))

    assert "Le besoin prime." in text
    assert "C’est trop" in text or "Le coût est trop élevé." in text
    lens = factories.planned(LENS)
    assert visit(secretary(), page("report", lens.pk)).status_code == 404


# Arbitration


def test_the_sub_prefect_arbitrates_with_everything_on_one_page(visit):
    operation = operation_at(OperationState.ARBITRATION)

    listed = visit(chair(), page("arbitrations"))
    shown = visit(chair(), page("arbitration", operation.pk))

    assert operation.case.reference in listed.text
    for part in ("Le besoin est établi.", "Le coût est trop élevé.", "L’argent"):
        assert part in shown.text
    for move in ("arbitrate_for", "arbitrate_back", "arbitrate_against"):
        assert f"/gestes/{move}/" in shown.text
    refused = visit(secretary(), page("arbitration", operation.pk))
    assert "/gestes/arbitrate_for/" not in refused.text
    Operation.objects.get(pk=operation.pk)
    other = operation_at(OperationState.ON_AGENDA)
    assert visit(chair(), page("arbitration", other.pk)).status_code == 404


# Letters and calendars


def test_members_are_convened_with_an_invitation_for_their_calendars():
    sitting = factories.convened()

    outbox.deliver(limit=100, at=NOW)

    letters = [one for one in mail.outbox if one.subject.startswith("Convocation")]
    addressed = {address for letter in letters for address in letter.to}
    assert secretary().email in addressed
    [part] = letters[0].attachments
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    [event] = calendar.walk("VEVENT")
    assert calendar["METHOD"] == "REQUEST"
    assert event.decoded("dtstart") == sitting.starts.astimezone(datetime.UTC)
    assert sitting.agenda()[0].operation.case.reference in letters[0].body

    factories.fire(sitting, "cancel", by=secretary(), at=NOW, reason="Grève.")
    outbox.deliver(limit=100, at=NOW)
    cancelled = [one for one in mail.outbox if one.subject.startswith("Séance annulée")]
    assert "Grève." in cancelled[0].body
    calendar = Calendar.from_ical(cancelled[0].attachments[0].get_payload(decode=True))
    assert calendar["METHOD"] == "CANCEL"


def test_a_sitting_that_convened_nobody_is_put_off_without_a_letter():
    sitting = factories.proposed()
    factories.fire(sitting, "cancel", by=secretary(), at=NOW, reason="Grève.")

    outbox.deliver(limit=100, at=NOW)

    assert not [one for one in mail.outbox if one.subject.startswith("Séance")]


def test_the_calendar_of_a_body_opens_at_a_secret_address(visit, client):
    sitting = factories.planned()
    choose = page("open_feed", body().pk)

    shown = visit(secretary(), choose, open="1").text
    address = shown.split("<code>")[1].split("</code>")[0]
    path = address.partition("testserver")[2]
    client.logout()
    feed = client.get(path)

    calendar = Calendar.from_ical(feed.content)
    assert [str(one["UID"]).split("@")[0] for one in calendar.walk("VEVENT")] == [
        f"sitting.{sitting.pk}"
    ]
    assert not CalendarFeed.objects.filter(token_hash__in=path).exists()
    visit(secretary(), choose, revoke="1")
    client.logout()
    assert client.get(path).status_code == 404


def test_two_who_plan_the_same_body_both_see_its_sittings(visit):
    factories.planned()
    director = seat(Role.PROJECT_DIRECTOR, COPIL)

    assert visit(director, page("list")).status_code == 200
    with pytest.raises(commands.MoveRefused):
        commands.plan_year(body_id=body().pk, year=2031, by=director, at=NOW)
