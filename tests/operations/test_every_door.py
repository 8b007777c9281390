"""What the rules refuse is refused at every door, with the same words."""

import functools
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.utils import timezone

from erbm.cases.commands import Attempt, MoveRefused, make_move
from erbm.desk import commands as desk
from flows.operation import State
from flows.roles import Role
from tests.operations import factories
from tests.operations.factories import DAY, again, auditor, operation_at, person_of
from tests.operations.forms import address, sent, text_of
from workflow import bulk, conflicts, engine, situations
from workflow.models import Competence, Draft, Membership, Outcome, Task, Unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

MOVE = "give_opinion"
SAID = {"direction": "favourable", "opinion": "Rien à redire."}


@dataclass
class Scene:
    """An operation whose opinion is asked of a unit, and the person who is refused."""

    operation: Any
    task: Task
    colleague: Any
    barred: Any
    words: str


@pytest.fixture
def operation():
    return operation_at(State.UNDER_REVIEW)


def consulted(operation):
    task = Task.objects.open().filter(case=operation.case, step="opine").first()
    colleague = person_of(task.unit, Role.CONSULTED, "solene")
    return task, colleague


def who_submitted(operation):
    """She carried the operation, then joined the unit whose opinion is asked."""
    task, colleague = consulted(operation)
    barred = factories.person(operation, Role.OWNER)
    long_ago = timezone.localdate() - 30 * DAY
    Membership.objects.filter(user=barred).update(ends_on=long_ago)
    Membership.objects.create(
        user=barred, unit=task.unit, role=Role.CONSULTED, starts_on=long_ago
    )
    words = "Vous avez déjà fait sur ce dossier : « Déposer"
    return Scene(operation, task, colleague, barred, words)


def who_has_an_interest(operation):
    task, colleague = consulted(operation)
    barred = person_of(task.unit, Role.CONSULTED, "ines")
    said = conflicts.Statement(
        about=barred,
        by=barred,
        at=timezone.now(),
        reason="Ma sœur y habite.",
        key=uuid.uuid4(),
    )
    conflicts.declare(operation.process, operation.pk, said)
    words = "Vous avez un conflit d’intérêts sur ce dossier"
    return Scene(operation, task, colleague, barred, words)


def who_lacks_the_role(operation):
    task, colleague = consulted(operation)
    return Scene(operation, task, colleague, auditor(), "Ce geste revient à : ")


SCENES = [who_submitted, who_has_an_interest, who_lacks_the_role]


@pytest.fixture(params=SCENES, ids=lambda scene: scene.__name__)
def scene(request, operation):
    return request.param(operation)


def attempted(scene, by):
    """Make the move through the function of the engine, and return why it is not."""
    operation = again(scene.operation)
    at = timezone.now()
    attempt = Attempt(
        move=operation.process.move(MOVE),
        by=by,
        at=at,
        seen=operation.case.version,
        key=uuid.uuid4(),
        inputs=SAID,
    )
    with pytest.raises(MoveRefused) as caught:
        make_move(case_id=operation.pk, process=operation.process, attempt=attempt)
    return "\n".join(refusal.message for refusal in caught.value.refusals)


def through_the_function(scene):
    return attempted(scene, scene.barred)


def through_the_button(scene):
    client = Client()
    client.force_login(scene.barred)
    url = address("move", scene.operation, MOVE)
    shown = client.get(url)
    assert b'name="seen"' not in shown.content
    assert scene.words in text_of(shown)
    response = client.post(url, sent(scene.operation, **SAID))
    assert response.status_code == 422
    return text_of(response)


def through_a_batch(scene):
    by, at = scene.barred, timezone.now()
    batch = desk.prepare_batch(
        case_ids=[scene.operation.pk], key=uuid.uuid4(), by=by, at=at
    )
    [verdict] = bulk.preview(batch, MOVE, at=at)
    said = bulk.Said(scene.operation.process.move(MOVE), SAID)
    desk.start_batch(batch_id=batch.pk, said=said, by=by, at=at)
    assert bulk.carry_on(limit=10, at=at) == 1
    item = batch.items.get()
    assert item.outcome == Outcome.REFUSED
    assert item.message == "\n".join(refusal.message for refusal in verdict.refusals)
    return item.message


def through_a_draft(scene):
    """The form is kept as it is typed, for who could send it."""
    client = Client()
    client.force_login(scene.barred)
    url = address("draft_save", scene.operation, MOVE)
    typed, by_script = sent(scene.operation, **SAID), {"HX-Request": "true"}
    response = client.post(url, typed, headers=by_script)
    assert not Draft.objects.filter(user=scene.barred).exists()
    return text_of(response)


def through_the_effects(scene):
    """What the move would change is said to who could make it."""
    operation, at = again(scene.operation), timezone.now()
    situation = situations.situation_of(
        operation.process, operation, by=scene.barred, at=at
    )
    with pytest.raises(MoveRefused) as caught:
        engine.preview(situation, operation.process.move(MOVE), at=at)
    return "\n".join(refusal.message for refusal in caught.value.refusals)


@pytest.mark.parametrize("take", ["claim", "take_over"])
def test_who_could_not_answer_takes_nothing(scene, take):
    said = {"task_id": scene.task.pk, "by": scene.barred, "at": timezone.now()}
    lacks = "revient" in scene.words
    refused = desk.TaskNotFound if lacks else desk.ClaimRefused

    with pytest.raises(refused) as caught:
        getattr(desk, take)(**said)

    assert lacks or str(caught.value).startswith(scene.words)
    assert Task.objects.get(pk=scene.task.pk).owner is None


def through_reassignment(scene):
    """A colleague gives her the task."""
    with pytest.raises(desk.AssigneeRefused) as caught:
        desk.assign(
            task_id=scene.task.pk,
            to=scene.barred,
            by=scene.colleague,
            at=timezone.now(),
        )
    assert Task.objects.get(pk=scene.task.pk).owner is None
    return "\n".join(refusal.message for refusal in caught.value.refusals)


def away(principal, substitute):
    today = timezone.localdate()
    desk.substitute(
        absence=desk.Absence(
            principal=principal, substitute=substitute, first_day=today, last_day=today
        ),
        by=principal,
        at=timezone.now(),
    )


def through_a_substitution(scene):
    """Somebody acts in her name, who could act in nobody’s otherwise."""
    deputy = person_of(factories.unit("sia-habitat"), Role.OWNER, "sacha")
    away(scene.barred, deputy)
    said = attempted(scene, deputy)
    return said.replace(f"{scene.barred}, pour qui vous agissez, a", "Vous avez")


def through_the_substitution_of_who_may(scene):
    """She acts in the name of somebody who may: of what use would it be else."""
    if "revient" in scene.words:
        # The role is then lent: nothing is refused but what she did or has.
        deputy = person_of(factories.unit("sia-habitat"), Role.OWNER, "sacha")
        return attempted(scene, deputy)
    away(scene.colleague, scene.barred)
    return attempted(scene, scene.barred)


def through_a_delegation(scene):
    """She is asked to prepare the answer, which gives her no power to give it."""
    asked = delegated_to(scene.barred, scene, by=scene.colleague)
    if "conflit d’intérêts" in scene.words:
        with pytest.raises(desk.DelegationRefused, match="conflit d’intérêts"):
            asked()
    else:
        asked()
    return attempted(scene, scene.barred)


def delegated_to(somebody, scene, *, by):
    return functools.partial(
        desk.delegate,
        task_id=scene.task.pk,
        request=desk.Request(to=somebody, instructions="Relire le plan."),
        by=by,
        at=timezone.now(),
    )


def test_who_could_not_answer_takes_nothing_by_delegating(scene):
    lacks = "revient" in scene.words
    refused = desk.TaskNotFound if lacks else desk.ClaimRefused

    with pytest.raises(refused) as caught:
        delegated_to(scene.colleague, scene, by=scene.barred)()

    assert lacks or str(caught.value).startswith(scene.words)
    assert Task.objects.get(pk=scene.task.pk).owner is None


DOORS = [
    through_the_function,
    through_the_button,
    through_a_batch,
    through_a_draft,
    through_the_effects,
    through_reassignment,
    through_a_substitution,
    through_the_substitution_of_who_may,
    through_a_delegation,
]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_the_same_act_is_refused_at_every_door_with_the_same_words(scene, door):
    before = again(scene.operation).case
    expected = attempted(scene, scene.barred)
    assert expected.startswith(scene.words)

    said = " ".join(door(scene).split())

    for sentence in expected.split("\n"):
        assert " ".join(sentence.split()) in said
    after = again(scene.operation).case
    assert (after.state, after.version) == (before.state, before.version)


def test_the_one_who_may_is_let_through(scene):
    """Or the doors above would prove nothing."""
    factories.fire(scene.operation, MOVE, by=scene.colleague, at=timezone.now(), **SAID)


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_administration_has_no_door_at_all(client, operation, method):
    body = factories.unit("direction-projet-erbm")
    client.force_login(person_of(body, Role.ADMINISTRATOR))
    kept = {Unit, Membership, Competence}

    for model in set(apps.get_app_config("workflow").get_models()) - kept:
        table = f"/administration/workflow/{model._meta.model_name}/"
        for page in ("", "add/", f"{operation.pk}/change/", f"{operation.pk}/delete/"):
            assert getattr(client, method)(table + page).status_code == 404
