"""A view keeps a question; each reader finds the answer that her own rights give."""

import pytest

from tests.library.factories import NOW, person, unit
from tests.library.lifecycle import Role
from workflow import inbox, saved_views
from workflow.inbox import Box
from workflow.models import Membership, SavedView
from workflow.saved_views import MOST_VIEWS, ViewNotFound, ViewRefused
from workflow.standing import memberships_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def lena(town):
    return town.librarian


@pytest.fixture
def colleague(town):
    return person("carla", Role.LIBRARIAN)


@pytest.fixture
def head(town):
    user = person("hana", Role.LIBRARIAN)
    Membership.objects.filter(user=user).update(is_head=True)
    return user


def saved(by, name="À traiter", box=Box.UNITS, **said):
    return saved_views.save(name=name, box=box, said=said, by=by, at=NOW)


def revised(view, by, **changes):
    asked = {"name": view.name, "unit_id": view.unit_id} | changes
    return saved_views.revise(view_id=view.pk, by=by, at=NOW, **asked)


def seen_by(by):
    memberships = memberships_of(by, NOW.date())
    return list(saved_views.visible_to(by, memberships))


def test_a_view_is_its_authors_alone_until_it_is_shared(lena, colleague, town):
    view = saved(lena, stage="desk")
    before = seen_by(colleague)
    revised(view, lena, unit_id=unit("unit-librarian").pk)

    assert before == []
    assert seen_by(lena) == seen_by(colleague) == [view]
    assert seen_by(town.mayor) == []
    view.refresh_from_db()
    assert (view.box, view.said) == ("units", {"stage": "desk"})


def test_a_shared_view_shows_to_each_what_her_rights_allow(town, lena, colleague):
    town.loan_at("asked")
    view = saved(lena)
    revised(view, lena, unit_id=unit("unit-librarian").pk)
    Membership.objects.filter(user=colleague).update(role=Role.MAYOR)

    counts = []
    for reader in (lena, colleague):
        (found,) = seen_by(reader)
        memberships = memberships_of(reader, NOW.date())
        box = Box(found.box)
        counts.append(
            inbox.tasks_in(box, by=reader, memberships=memberships, at=NOW).count()
        )

    assert counts == [1, 0]


def test_one_shares_only_with_a_unit_one_is_in(lena):
    view = saved(lena)

    with pytest.raises(ViewRefused, match="dont on est membre"):
        revised(view, lena, unit_id=unit("unit-mayor").pk)


def test_what_is_shared_is_lost_with_the_membership(lena, colleague):
    view = saved(lena)
    revised(view, lena, unit_id=unit("unit-librarian").pk)
    saved_views.open_on(view_id=view.pk, by=colleague, at=NOW)
    Membership.objects.filter(user=colleague).update(ends_on="2026-02-01")

    assert seen_by(colleague) == []
    assert saved_views.default_of(colleague, []) is None


ACTS = {
    "rename": lambda view, by: revised(view, by, name=f"Autre {view.pk}"),
    "stop sharing": lambda view, by: revised(view, by, unit_id=None),
    "replace": lambda view, by: saved_views.replace(
        view_id=view.pk, box=Box.MINE, said={}, by=by, at=NOW
    ),
    "delete": lambda view, by: saved_views.delete(view_id=view.pk, by=by, at=NOW),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_the_author_and_the_head_of_the_unit_manage_a_shared_view(
    act, lena, colleague, head, town
):
    place = unit("unit-librarian").pk
    for number, manager in enumerate((lena, head)):
        view = saved(lena, name=f"Vue {number}")
        revised(view, lena, unit_id=place)
        with pytest.raises(ViewRefused, match="auteur"):
            act(view, colleague)
        with pytest.raises(ViewNotFound):
            act(view, town.mayor)
        act(view, manager)


def test_the_head_of_a_unit_reaches_no_view_of_ones_own(lena, head):
    view = saved(lena)

    with pytest.raises(ViewNotFound):
        saved_views.delete(view_id=view.pk, by=head, at=NOW)


def test_a_name_is_given_once_and_is_not_empty(lena, colleague):
    saved(lena)
    saved(colleague)

    for name in ("À traiter", "  À  traiter ", "", "   ", "x" * 61):
        with pytest.raises(ViewRefused):
            saved(lena, name=name)
    assert revised(SavedView.objects.get(owner=lena), lena).name == "À traiter"


def test_there_are_not_too_many_views(lena):
    for number in range(MOST_VIEWS):
        saved(lena, name=f"Vue {number}")

    with pytest.raises(ViewRefused, match="supprimez-en une"):
        saved(lena, name="Une de trop")


def test_the_inbox_opens_on_the_view_of_ones_choice(lena):
    first, second = saved(lena), saved(lena, name="Autre")
    memberships = memberships_of(lena, NOW.date())
    chosen = []
    for view_id in (first.pk, second.pk, None):
        saved_views.open_on(view_id=view_id, by=lena, at=NOW)
        chosen.append(saved_views.default_of(lena, memberships))

    assert chosen == [first, second, None]


def test_a_view_that_is_deleted_opens_no_inbox(lena):
    view = saved(lena)
    saved_views.open_on(view_id=view.pk, by=lena, at=NOW)
    saved_views.delete(view_id=view.pk, by=lena, at=NOW)

    assert saved_views.default_of(lena, memberships_of(lena, NOW.date())) is None
