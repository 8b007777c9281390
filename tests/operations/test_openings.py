"""New operations: who may open which, where they go, and only once."""

import uuid

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from erbm.desk import commands as desk
from erbm.operations import commands
from erbm.operations.models import Kind, Operation
from erbm.programme.models import Theme
from erbm.territory.models import Cite
from flows.operation import State
from flows.roles import Role
from tests.operations.factories import (
    auditor,
    owner_of,
    person_of,
    unit,
)
from tests.operations.forms import address, hidden, text_of
from workflow.models import Competence, Event, Jurisdiction, Membership

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

REHABILITATION = reverse("operations:new", args=["rehabilitation"])
SUBSIDY = reverse("operations:new", args=["subsidy"])


@pytest.fixture
def landlord(client):
    user = person_of(unit("maisons-et-cites"), Role.OWNER)
    client.force_login(user)
    return user


@pytest.fixture
def town(client):
    user = person_of(owner_of(Kind.SUBSIDY), Role.OWNER)
    client.force_login(user)
    return user


def rehabilitation(**said):
    cite = Cite.objects.get(code="cite-9-lens")
    return _filled(Kind.REHABILITATION) | {
        "cite": cite.pk,
        "dwellings_before": "163",
        "dwellings_after": "160",
        "label_before": "F",
        "label_target": "B",
        **said,
    }


def subsidy(**said):
    return _filled(Kind.SUBSIDY) | {
        "title": "Rénovation de l’école",
        "commune_0": "Lens (62498)",
        **said,
    }


def _filled(kind):
    return {
        "key": str(uuid.uuid4()),
        "owner": owner_of(kind).pk,
        "cost_cents": "1 250 000,50",
        "theme": Theme.objects.get(code="housing").pk,
        "description": "Isolation et toitures.",
    }


def test_a_landlord_chooses_between_both_kinds(client, landlord):
    text = text_of(client.get(reverse("operations:choose")))

    assert "Les logements d’une cité minière. Pour Maisons & Cités" in text
    assert "Tout autre projet qui demande une aide. Pour Maisons & Cités" in text


def test_a_town_has_no_choice_to_make(client, town):
    response = client.get(reverse("operations:choose"))

    assert response.status_code == 302
    assert response.url == SUBSIDY
    assert client.get(REHABILITATION).status_code == 404


def test_who_owns_nothing_opens_nothing(client):
    client.force_login(auditor())

    assert "Vous ne portez pas" in text_of(client.get(reverse("operations:choose")))
    assert client.get(SUBSIDY).status_code == 404
    assert client.post(SUBSIDY, subsidy()).status_code == 404


def test_a_rehabilitation_takes_place_and_title_from_its_cite(client, landlord):
    response = client.post(REHABILITATION, rehabilitation(), follow=True)

    operation = Operation.objects.with_facts().get()
    assert response.redirect_chain == [(address("detail", operation), 302)]
    assert operation.case.state == State.DRAFT
    assert operation.case.title == "Réhabilitation de la cité 9, dite des Arts"
    assert operation.case.amount_cents == 1_250_000_50
    assert operation.case.jurisdiction.code == "arrondissement-lens"
    assert [commune.name for commune in operation.communes.all()] == ["Lens"]
    assert operation.case.reference in text_of(response)


def stands_in(client, principal, *processes):
    """Sign in somebody who is of no owner’s, and acts for one who is away."""
    deputy, today = person_of(unit("mission-audit"), Role.AUDITOR, "dora"), _today()
    desk.substitute(
        absence=desk.Absence(
            principal=principal,
            substitute=deputy,
            first_day=today,
            last_day=today,
            processes=processes,
        ),
        by=principal,
        at=timezone.now(),
    )
    client.force_login(deputy)
    return deputy


def _today():
    return timezone.localdate()


def test_a_substitute_opens_in_the_name_of_who_is_away(client, landlord):
    deputy = stands_in(client, landlord)

    response = client.post(REHABILITATION, rehabilitation(), follow=True)

    event = Event.objects.get(kind="opening")
    assert (event.actor, event.principal) == (deputy, landlord)
    assert f"{deputy} pour {landlord}" in text_of(response)


def test_whoever_owns_opens_in_her_own_name(client, landlord):
    colleague = person_of(unit("maisons-et-cites"), Role.OWNER, "cleo")
    desk.substitute(
        absence=desk.Absence(
            principal=colleague,
            substitute=landlord,
            first_day=_today(),
            last_day=_today(),
        ),
        by=colleague,
        at=timezone.now(),
    )

    client.post(REHABILITATION, rehabilitation())

    assert Event.objects.get(kind="opening").principal is None


def test_a_substitute_opens_what_was_lent_to_her_alone(client, landlord):
    stands_in(client, landlord, "subsidy")

    assert client.get(REHABILITATION).status_code == 404
    assert client.post(REHABILITATION, rehabilitation()).status_code == 404
    assert client.get(SUBSIDY).status_code == 200


@pytest.mark.parametrize("typed", ["Lens (62498)", "lens", "LENS", "62498", " Lens "])
def test_a_commune_is_found_by_what_people_type(client, town, typed):
    client.post(SUBSIDY, subsidy(commune_0=typed, commune_1="Liévin"))

    operation = Operation.objects.with_facts().get()
    assert {c.name for c in operation.communes.all()} == {"Lens", "Liévin"}


@pytest.mark.parametrize("typed", ["", "Paris", "Atlantide", "a\0b", "%", "9" * 200])
def test_an_unknown_commune_is_refused(client, town, typed):
    response = client.post(SUBSIDY, subsidy(commune_0=typed))

    assert response.status_code == 422
    assert "commune_0" in response.context["form"].errors
    assert not Operation.objects.exists()


def test_the_communes_are_offered_without_script(client, town):
    page = client.get(SUBSIDY).content.decode()

    assert '<option value="Liévin (62510)">' in page
    assert "Dunkerque" not in page


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("cost_cents", "beaucoup"),
        ("cost_cents", "1e999999"),
        ("cost_cents", "-1"),
        ("cost_cents", ""),
        ("theme", "999999999999999999999"),
        ("theme", "x"),
        ("cite", "999999999999999999999"),
        ("dwellings_before", "0"),
        ("dwellings_before", "9" * 30),
        ("label_before", "Z"),
        ("title", "t" * 301),
    ],
)
def test_what_makes_no_sense_is_refused_in_its_field(client, landlord, field, typed):
    response = client.post(REHABILITATION, rehabilitation(**{field: typed}))

    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert not Operation.objects.exists()


def test_a_form_sent_twice_opens_one_operation(client, town):
    said = subsidy()

    first = client.post(SUBSIDY, said)
    second = client.post(SUBSIDY, said)

    assert Operation.objects.count() == 1
    assert first.url == second.url
    event = Event.objects.get(kind="opening")
    assert str(event.request_key) == said["key"]


def test_two_forms_open_two_operations(client, town):
    keys = {hidden(client.get(SUBSIDY), "key") for _ in range(2)}

    for key in keys:
        client.post(SUBSIDY, subsidy(key=key))

    assert Operation.objects.count() == 2


@pytest.mark.parametrize("key", ["", "x", "\0"])
def test_a_form_without_its_key_is_a_bad_request(client, town, key):
    assert client.post(SUBSIDY, subsidy(key=key)).status_code == 400


def test_nobody_opens_for_the_unit_of_another(client, town):
    response = client.post(SUBSIDY, subsidy(owner=unit("sia-habitat").pk))

    assert response.status_code == 400
    assert not Operation.objects.exists()


@pytest.mark.parametrize("kind", ["x", "REHABILITATION", "draft"])
def test_an_unknown_kind_is_not_found(client, landlord, kind):
    assert client.get(f"/operations/nouvelle/{kind}/").status_code == 404


def test_nobody_opens_beyond_the_territory_of_her_role(client):
    bethune, lens = (
        Jurisdiction.objects.get(code=f"arrondissement-{name}")
        for name in ("bethune", "lens")
    )
    local = get_user_model().objects.create_user("local@example.org")
    held = {"unit": unit("maisons-et-cites"), "role": Role.OWNER}
    Membership.objects.create(
        user=local, jurisdiction=bethune, starts_on="2020-01-01", **held
    )
    client.force_login(local)

    refused = client.post(REHABILITATION, rehabilitation())
    Membership.objects.create(
        user=local, jurisdiction=lens, starts_on="2020-01-01", **held
    )
    opened = client.post(REHABILITATION, rehabilitation())

    assert refused.status_code == 422
    assert "Vous ne portez pas d’opération pour Maisons" in text_of(refused)
    assert client.get(opened.url).status_code == 200


def test_one_is_told_when_nobody_is_competent(client, town):
    Competence.objects.filter(role=Role.LEAD_SERVICE).delete()

    response = client.post(SUBSIDY, subsidy())

    assert response.status_code == 422
    assert "Lens : service instructeur chef de file" in text_of(response)
    assert not Operation.objects.exists()


def test_with_two_units_one_says_for_which(client, landlord):
    person_of(owner_of(Kind.SUBSIDY), Role.OWNER)
    both = person_of(unit("maisons-et-cites"), Role.OWNER)
    both.memberships.create(
        unit=unit("sia-habitat"), role=Role.OWNER, starts_on="2020-01-01"
    )

    page = client.get(REHABILITATION).content.decode()
    client.post(REHABILITATION, rehabilitation(owner=unit("sia-habitat").pk))

    assert '<select name="owner"' in page
    assert Operation.objects.get().owner.code == "sia-habitat"


def test_the_command_itself_knows_who_carries_what(town):
    draft = commands.Draft(
        title="Une cité",
        owner=owner_of(Kind.SUBSIDY),
        jurisdiction=Cite.objects.first().communes.first().committee.jurisdiction,
        cost_cents=1,
    )

    with pytest.raises(commands.MoveRefused, match="de cette nature"):
        commands.open_operation(
            kind=Kind.REHABILITATION,
            draft=draft,
            by=town,
            at=town.date_joined,
        )
