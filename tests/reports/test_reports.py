"""A report of a past day is the same whenever it is asked for."""

import datetime
import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from erbm import printing, tables
from erbm.reports import contents
from erbm.reports.queries import Programme
from flows.operation import State
from flows.roles import Role
from flows.stages import Stage
from tests.obligations.factories import accepted
from tests.operations.factories import (
    DAY,
    WHY,
    again,
    auditor,
    fire,
    operation_at,
    person,
    stranger,
)
from tests.operations.forms import text_of
from workflow.models import Entry, EntryKind

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def seen(at):
    held = list(auditor().memberships.select_related("unit"))
    return Programme(held, at)


def figures(at, report=contents.review):
    return [(part.title, list(map(list, part.rows))) for part in report(seen(at))]


def bytes_of(at):
    document = contents.printed("Bilan 2026", contents.review, seen(at))
    return printing.print_out(document, at=at)


def report(operation, delivered):
    fire(
        operation,
        "record_progress",
        by=person(operation, Role.OWNER),
        dwellings_delivered=delivered,
        dwellings_withdrawn=0,
    )


@pytest.fixture
def programme():
    """Return operations at some states, and a moment after all that was done."""
    works, waiting = operation_at(State.IN_PROGRESS), operation_at(State.AWAITING_COPIL)
    report(works, 40)
    accepted(waiting)
    return works, waiting, again(works).case.changed_at


def test_what_happens_later_changes_no_figure_nor_byte_of_a_past_day(programme):
    works, waiting, at = programme
    before, printed = figures(at), bytes_of(at)
    assert printed.startswith(b"%PDF-")

    report(works, 100)
    fire(works, "suspend", by=person(works, Role.LEAD_SERVICE), **WHY)
    fire(
        waiting,
        "return_to_review",
        by=person(waiting, Role.COPIL_STATE),
        at=at + DAY,
        sitting_on=datetime.date(2026, 4, 1),
        **WHY,
    )

    assert figures(at + 10 * DAY) != before
    assert figures(at) == before
    assert bytes_of(at) == printed


def test_it_counts_what_is_under_way_by_place_and_stage(programme):
    _, _, at = programme

    whole = seen(at).whole

    assert whole.total == 2
    stages = dict(zip(contents.PIPELINE, whole.stages, strict=True))
    assert (stages[Stage.COPIL], stages[Stage.DELIVERY]) == (1, 1)
    assert whole.cost_cents == 2 * 9_780_000_00


def test_it_counts_what_was_done_in_the_year_and_in_the_one_before(programme):
    _, _, at = programme

    told = {label: (now, before) for label, now, before in seen(at).of_the_year}

    assert told["Opérations déposées"] == (2, 0)
    assert told["Démarrages de travaux"] == (1, 0)


def test_it_counts_conditions_late_ones_apart(programme):
    _, waiting, at = programme
    due = waiting.obligations.get().due_on

    assert dict(seen(at).conditions)["À tenir"] == 1
    assert dict(seen(at).conditions)["dont à tenir et en retard"] == 0
    late = datetime.datetime.combine(
        due + 2 * DAY, datetime.time(), tzinfo=datetime.UTC
    )
    assert dict(seen(late).conditions)["dont à tenir et en retard"] == 1


def test_the_workbook_holds_the_figures_of_the_document(programme):
    _, _, at = programme
    file = io.BytesIO()

    tables.write_xlsx(contents.sheets(contents.review, seen(at)), file)

    book = load_workbook(file)
    parts = list(contents.review(seen(at)))
    assert len(book.sheetnames) == len(parts)
    for sheet, part in zip(book, parts, strict=True):
        assert [cell.value for cell in sheet[1]] == list(part.head)
        assert sheet.max_row == len(part.rows) + 1


def test_the_table_of_the_copil_lists_what_waits_for_it(programme):
    _, waiting, at = programme

    [(_, rows)] = figures(at, contents.copil)

    assert [row[0] for row in rows] == [waiting.case.reference]
    assert figures(waiting.case.opened_at, contents.copil)[0][1] == []


def give(client, wanted, until="2026-12-31"):
    return client.post(reverse("reports:give"), {"wanted": wanted, "until": until})


@pytest.mark.parametrize(
    "wanted", ["bilan.pdf", "copil.pdf", "bilan.xlsx", "copil.xlsx"]
)
def test_a_report_is_given_in_one_click_and_the_register_knows(
    client, programme, wanted
):
    client.force_login(auditor())
    assert client.get(reverse("reports:index")).status_code == 200

    response = give(client, wanted, "2026-06-30")

    content = response.getvalue()
    assert content.startswith(b"%PDF-" if wanted.endswith("pdf") else b"PK")
    assert response.headers["Content-Disposition"].startswith("attachment")
    entry = Entry.objects.filter(kind=EntryKind.LIST_EXPORTED).latest("pk")
    assert '"until":"2026-06-30"' in entry.body


@pytest.mark.parametrize("wanted", ["", "bilan", "bilan.exe", "autre.pdf"])
def test_what_is_not_offered_is_refused(client, wanted):
    client.force_login(auditor())

    assert give(client, wanted).status_code == 400


def test_a_day_to_come_is_refused_in_words(client):
    client.force_login(auditor())

    response = give(client, "bilan.pdf", "2199-01-01")

    assert response.status_code == 422
    assert "Ce jour n’est pas encore venu." in text_of(response)


def test_one_reports_on_what_one_may_know(programme):
    _, _, at = programme
    held = list(stranger().memberships.select_related("unit"))

    assert Programme(held, at).operations == []
