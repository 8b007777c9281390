"""Pages visit every row once, forwards and backwards, whatever ties there are."""

import datetime

import pytest

from tests.library.factories import NOW, Town
from workflow import paging
from workflow.models import Case

pytestmark = pytest.mark.django_db

ORDERS = [
    paging.Order(("id",)),
    paging.Order(("amount_cents", "id")),
    paging.Order(("amount_cents", "id"), descending=True),
    paging.Order(("stage", "amount_cents", "reference"), descending=True),
]


@pytest.fixture
def town():
    return Town()


@pytest.fixture
def cases(town):
    loans = town.loans(11)
    for number, loan in enumerate(loans):
        Case.objects.filter(pk=loan.pk).update(amount_cents=number // 3)
    return Case.objects.all()


def sheaf(cases, order, size, *, way="next"):
    """Read all the pages from one end to the other."""
    page = paging.read(cases, order, size=size)
    pages = [page]
    if way == "previous":
        while page.next:
            page = paging.read(cases, order, size=size, after=page.next)
        pages = [page]
    while place := getattr(page, way):
        side = {"next": "after", "previous": "before"}[way]
        page = paging.read(cases, order, size=size, **{side: place})
        pages.append(page)
    return pages


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 4, 11, 50])
def test_every_row_is_visited_once_in_order(cases, order, size):
    seen = [row for page in sheaf(cases, order, size) for row in page.rows]

    assert seen == list(cases.order_by(*order.terms()))


@pytest.mark.parametrize("order", ORDERS)
def test_going_back_shows_the_same_pages(cases, order):
    forth = [page.rows for page in sheaf(cases, order, 4)]
    back = [page.rows for page in sheaf(cases, order, 4, way="previous")]

    assert back[::-1] == forth


def test_the_ends_lead_nowhere(cases):
    first, *_, last = sheaf(cases, ORDERS[1], 4)

    assert (first.previous, last.next) == (None, None)


def test_a_row_that_comes_in_between_is_seen_once(cases, town):
    order = paging.Order(("changed_at", "id"), descending=True)
    page = paging.read(cases, order, size=4)
    town.loan(at=NOW + datetime.timedelta(days=1))

    following = paging.read(cases, order, size=50, after=page.next)

    assert len({row.pk for row in (*page.rows, *following.rows)}) == 11


def test_a_page_that_has_emptied_gives_way_to_the_first(cases):
    order = ORDERS[0]
    beyond = (Case.objects.latest("id").pk,)
    second = cases.order_by("id")[1]

    gone = paging.read(cases, order, size=4, after=beyond)
    short = paging.read(cases, order, size=4, before=(second.pk,))

    assert gone == short == paging.read(cases, order, size=4)


def test_an_empty_list_is_an_empty_page():
    page = paging.read(Case.objects.filter(opened_at__lt=NOW), ORDERS[0], size=4)

    assert page == paging.Page([])


def test_a_page_is_one_query(cases, django_assert_num_queries):
    with django_assert_num_queries(1):
        paging.read(cases, ORDERS[1], size=4)
