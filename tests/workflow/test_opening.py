"""Cases are opened whole, by one or by thousands, with the same statements."""

import datetime
import json
import uuid

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.library.factories import NOW, PROCESS, unit
from tests.library.factories import town as place
from tests.library.lifecycle import Role
from tests.library.models import Loan
from workflow import opening
from workflow.models import Case, Competence, Counter, Event, Party, Task
from workflow.opening import NewCase
from workflow.trail import verify

pytestmark = pytest.mark.django_db


def new_loan(**facts):
    return NewCase(
        **{
            "subject": Loan(book="Germinal"),
            "title": "Germinal",
            "jurisdiction": place(),
            "parties": {Role.READER: [unit("unit-reader")]},
        }
        | facts
    )


def open_one(town, *, at=NOW, **facts):
    with transaction.atomic():
        return opening.open_cases(
            PROCESS, [new_loan(**facts)], role=Role.READER, by=town.reader, at=at
        )[0]


def test_a_case_is_opened_with_all_that_belongs_to_it(town):
    case = open_one(town, amount_cents=1_050, facts={"source": "guichet"})

    case = Case.objects.get(pk=case.pk)
    assert (case.state, case.stage, case.version) == ("wished", "desk", 1)
    assert (case.opened_by, case.opened_at) == (town.reader, NOW)
    assert case.loan.book == "Germinal"
    event = Event.objects.get(case=case)
    assert (event.kind, event.role, event.unit) == (
        "opening",
        "reader",
        unit("unit-reader"),
    )
    facts = json.loads(event.body)["facts"]
    assert facts["amount_cents"] == "1050"
    assert facts["source"] == "guichet"
    assert facts["parties"] == {
        party.role: [party.unit.code] for party in case.parties.select_related("unit")
    }
    assert json.loads(event.text.text)["title"] == "Germinal"
    assert Task.objects.open().get(case=case).step == "wish"
    assert verify.problems_of(case) == []


def test_the_parties_are_those_competent_and_those_given(town):
    case = open_one(town)

    assert dict(Party.objects.filter(case=case).values_list("role", "unit__code")) == {
        "reader": "unit-reader",
        "librarian": "unit-librarian",
        "director": "unit-director",
        "mayor": "unit-mayor",
    }


def test_a_competence_in_the_jurisdiction_prevails_over_the_general_one(town):
    Competence.objects.create(
        process=PROCESS.name,
        role=Role.LIBRARIAN,
        unit=unit("branch"),
        jurisdiction=place("lens"),
    )

    units = {
        code: open_one(town, jurisdiction=place(code))
        .parties.get(role="librarian")
        .unit
        for code in ("lens", "bethune")
    }

    assert units == {"lens": unit("branch"), "bethune": unit("unit-librarian")}


def test_a_party_that_is_given_prevails_over_the_competence(town):
    case = open_one(
        town,
        parties={
            Role.READER: [unit("unit-reader")],
            Role.LIBRARIAN: [unit("bookmobile")],
        },
    )

    assert case.parties.get(role="librarian").unit == unit("bookmobile")


def test_a_competence_for_another_procedure_does_not_count(town):
    Competence.objects.update(process="sale")

    with pytest.raises(opening.NobodyCompetent, match="Lens : bibliothécaire"):
        open_one(town)


def test_a_role_that_a_step_asks_must_have_a_unit(town):
    with pytest.raises(opening.NobodyCompetent, match="lecteur"):
        open_one(town, parties={})

    assert not Case.objects.exists()


def test_a_role_given_to_nobody_has_no_unit(town):
    with pytest.raises(opening.NobodyCompetent, match="lecteur"):
        open_one(town, parties={Role.READER: []})


def test_references_follow_one_another_through_the_year(town):
    new_year = datetime.datetime(2026, 12, 31, 23, 30, tzinfo=datetime.UTC)

    references = [
        open_one(town, at=at).reference for at in (NOW, NOW, new_year, new_year)
    ]

    # It is 2027 in France half an hour before it is at Greenwich.
    assert references == [
        "L-2026-00001",
        "L-2026-00002",
        "L-2027-00001",
        "L-2027-00002",
    ]


def test_an_opening_that_fails_leaves_no_gap(town):
    open_one(town)
    with pytest.raises(opening.NobodyCompetent):
        open_one(town, parties={})

    assert open_one(town).reference == "L-2026-00002"


def test_numbers_are_taken_by_the_dozen():
    with transaction.atomic():
        taken = [list(opening.take_numbers("série", count)) for count in (2, 3)]

    assert taken == [[1, 2], [3, 4, 5]]
    assert Counter.objects.get(name="série").value == 5


def test_one_case_and_twenty_take_the_same_statements(town):
    def statements(count):
        new = [new_loan() for _ in range(count)]
        with CaptureQueriesContext(connection) as captured:
            opening.open_cases(PROCESS, new, role="reader", by=town.reader, at=NOW)
        return len(captured)

    town.loan()
    assert statements(1) == statements(20)


def test_nothing_is_opened_for_nothing(town, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert opening.open_cases(PROCESS, [], role="", by=town.reader, at=NOW) == []


def test_many_cases_have_each_their_trail_and_their_task(town):
    loans = town.loans(50)

    assert len({loan.case.reference for loan in loans}) == 50
    assert Task.objects.open().count() == 50
    verdicts = list(verify.check(Case.objects.all()))
    assert [verdict.events for verdict in verdicts] == [1] * 50
    assert not any(verdict.problems for verdict in verdicts)


def test_an_opening_keeps_the_key_of_its_request(town):
    key = uuid.uuid4()

    case = open_one(town, key=key)

    assert Event.objects.get(case=case).request_key == key
