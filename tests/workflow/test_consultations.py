"""Several units asked at once: their terms, their silence, who bars the way."""

import datetime
import uuid

import pytest
from django.db import transaction

from tests.library import lifecycle
from tests.library.factories import NOW, PROCESS, UNTIL, fire, person, unit
from tests.library.lifecycle import ACCLAIM, ADVICE, Role
from workflow import consultations, engine, invitations, opinions
from workflow.models import Consulted, Event, Party, Task
from workflow.opinions import ANYBODY, Meaning, Opinions, Standing
from workflow.refusals import Ground

FAVOURABLE, NEUTRAL, UNFAVOURABLE = Meaning
HOPELESS = "Avis favorables : 1 sur les 2 qu’il faut ; 0 encore attendu."
DAY = datetime.timedelta(days=1)

# How opinions count


def said(*meanings, silent=0, code="unit"):
    given = [Standing(f"U{n}", code, said=m) for n, m in enumerate(meanings)]
    return given + [Standing(f"S{n}", code) for n in range(silent)]


def rule(**facts):
    return Opinions("advice", "conseils", "view", (), **facts)


@pytest.mark.parametrize(
    ("facts", "standings", "sentences"),
    [
        ({}, said(), []),
        ({}, said(FAVOURABLE, UNFAVOURABLE), []),
        ({}, said(NEUTRAL, silent=1), ["Avis attendu : S0."]),
        ({"needs": 2}, said(FAVOURABLE, FAVOURABLE, silent=3), []),
        (
            {"needs": 2},
            said(FAVOURABLE, silent=1),
            ["Avis favorables : 1 sur les 2 qu’il faut ; 1 encore attendu."],
        ),
        (
            {"needs": 2},
            said(FAVOURABLE, NEUTRAL),
            [f"{HOPELESS} Ils ne peuvent plus être réunis."],
        ),
        (
            {"veto_by": ("unit",)},
            said(FAVOURABLE, UNFAVOURABLE),
            ["Avis défavorable, qui fait obstacle : U1."],
        ),
        ({"veto_by": ("other",)}, said(UNFAVOURABLE), []),
        # Who may yet bar the way is awaited, however many are favourable.
        (
            {"needs": 1, "veto_by": (ANYBODY,)},
            said(FAVOURABLE, silent=1),
            ["Avis attendu : S0."],
        ),
    ],
)
def test_what_is_missing_is_said(facts, standings, sentences):
    assert opinions.obstacles(rule(**facts), standings) == sentences


def test_a_silence_that_is_deemed_unfavourable_bars_the_way():
    silent = Standing("U", "unit", deemed=UNFAVOURABLE)

    assert opinions.obstacles(rule(veto_by=(ANYBODY,)), [silent]) == [
        "Avis défavorable réputé rendu, qui fait obstacle : U."
    ]


# On a case

pytestmark = pytest.mark.django_db


@pytest.fixture
def advisers(db):
    """Return a person in each unit that may be consulted."""
    return {
        code: person(code, Role.ADVISER, place=unit(code))
        for code in ("wise", "hasty", "trustee")
    }


@pytest.fixture
def loan(town, advisers):
    return town.loan_at("asked", advisers=[unit("wise"), unit("hasty")])


def advise(loan, by, view=None, at=NOW, **said):
    return fire(loan, lifecycle.ADVISE, by=by, at=at, inputs={"view": view}, **said)


def refused(loan, move, by, at=NOW, **said):
    with pytest.raises(engine.MoveRefused) as caught:
        fire(loan, move, by=by, at=at, **said)
    return [refusal.message for refusal in caught.value.refusals]


def manage(act, edit, loan, by, code, reason="Il le faut.", at=NOW):
    amendment = engine.Amendment(edit=edit, by=by, at=at, seen=None, key=uuid.uuid4())
    told = invitations.Invitation(opinions=ADVICE, unit=unit(code), reason=reason)
    with transaction.atomic():
        return act(PROCESS, loan.pk, amendment, told)


def invite(loan, by, code, **said):
    return manage(invitations.invite, lifecycle.INVITE, loan, by, code, **said)


def dismiss(loan, by, code, **said):
    return manage(invitations.dismiss, lifecycle.DISMISS, loan, by, code, **said)


def waiting(loan):
    tasks = Task.objects.open().filter(case=loan.case, step="advice")
    return set(tasks.values_list("unit__code", flat=True))


def test_each_unit_has_its_own_time_and_its_own_silence(loan):
    by_unit = {
        one.unit.code: (one.task.due_at.date().day, one.silence)
        for one in consultations.asked(loan.case, ADVICE)
    }

    assert by_unit == {"wise": (12, NEUTRAL), "hasty": (3, FAVOURABLE)}


def test_the_next_move_waits_for_who_has_time_left(town, loan, advisers):
    assert refused(loan, lifecycle.LEND, town.librarian, **UNTIL) == [
        "Avis attendu : Wise (échéance le 12/03/2026).",
        "Avis attendu : Hasty (échéance le 03/03/2026).",
    ]

    advise(loan, advisers["wise"], "yes")

    fire(loan, lifecycle.LEND, by=town.librarian, at=NOW + 2 * DAY, **UNTIL)


def test_a_silence_counts_as_it_was_declared(town, loan, advisers):
    advise(loan, advisers["wise"], "yes")
    [missing] = [
        message
        for message in refused(loan, lifecycle.EXHIBIT, town.director)
        if "favorables" in message
    ]
    assert missing == "Avis favorables : 1 sur les 2 qu’il faut ; 1 encore attendu."

    # Hasty’s day has passed, and its silence is favourable.
    fire(loan, lifecycle.EXHIBIT, by=town.director, at=NOW + 2 * DAY)


def test_a_veto_bars_the_way(town, loan, advisers):
    advise(loan, advisers["wise"], "no")
    advise(loan, advisers["hasty"], "yes")

    assert "Avis défavorable, qui fait obstacle : Wise." in refused(
        loan, lifecycle.EXHIBIT, town.director
    )
    # The same opinion does not bar what another rule awaits.
    fire(loan, lifecycle.LEND, by=town.librarian, **UNTIL)


def test_a_late_opinion_is_kept_marked_and_changes_nothing(town, loan, advisers):
    advise(loan, advisers["wise"], "yes")

    advise(loan, advisers["hasty"], "no", at=NOW + 5 * DAY)

    hasty = Consulted.objects.get(task__unit__code="hasty")
    assert (hasty.said, hasty.is_late) == ("unfavourable", True)
    assert hasty.said_by.move == "advise"
    fire(loan, lifecycle.EXHIBIT, by=town.director, at=NOW + 5 * DAY)


def test_an_opinion_in_time_that_is_entered_later_is_not_late(loan, advisers):
    advise(
        loan,
        advisers["hasty"],
        "no",
        at=NOW + 5 * DAY,
        effective_on=(NOW + DAY).date(),
    )

    assert not Consulted.objects.get(task__unit__code="hasty").is_late


def test_an_opinion_is_still_heard_once_the_case_has_moved_on(town, loan, advisers):
    advise(loan, advisers["wise"], "yes")
    fire(loan, lifecycle.LEND, by=town.librarian, at=NOW + 2 * DAY, **UNTIL)

    advise(loan, advisers["hasty"], "no", at=NOW + 3 * DAY)

    assert Consulted.objects.get(task__unit__code="hasty").is_late


def test_a_unit_gives_one_opinion(loan, advisers):
    advise(loan, advisers["wise"], "yes")

    assert refused(loan, lifecycle.ADVISE, advisers["wise"]) == [
        "Wise a déjà rendu son avis."
    ]


def test_a_unit_more_is_asked_at_once(town, loan, advisers):
    receipt = invite(loan, town.librarian, "trustee")

    assert waiting(loan) == {"wise", "hasty", "trustee"}
    event = Event.objects.get(case=loan.case, seq=receipt.seq)
    assert event.move == "invite"
    assert "Il le faut." in event.text.text
    advise(loan, advisers["trustee"], "no")
    assert "Avis défavorable, qui fait obstacle : Trustee." in refused(
        loan, lifecycle.LEND, town.librarian, **UNTIL
    )


def test_a_unit_fewer_is_awaited_no_more(town, loan, advisers):
    advise(loan, advisers["wise"], "yes")

    dismiss(loan, town.librarian, "hasty")

    assert waiting(loan) == set()
    assert not Party.objects.filter(case=loan.case, unit__code="hasty").exists()
    [refusal] = refused(loan, lifecycle.ADVISE, advisers["hasty"])
    assert refusal.startswith("Ce geste revient à")
    fire(loan, lifecycle.LEND, by=town.librarian, **UNTIL)


def test_who_was_dismissed_may_be_asked_again(town, loan):
    dismiss(loan, town.librarian, "hasty")

    invite(loan, town.librarian, "hasty")

    assert waiting(loan) == {"wise", "hasty"}


def test_who_was_dismissed_late_and_asked_again_is_asked_until_her_time(town, loan):
    late = NOW + 2 * DAY
    dismiss(loan, town.librarian, "hasty", at=late)
    invite(loan, town.librarian, "hasty", at=late)

    fire(loan, lifecycle.SEND_BACK, by=town.librarian, at=late, reason="Incomplet.")
    fire(loan, lifecycle.ASK, by=town.reader, at=late)

    assert "hasty" in waiting(loan)


@pytest.mark.parametrize(
    ("act", "code", "message"),
    [
        (invite, "wise", "L’avis de Wise est déjà demandé."),
        (dismiss, "trustee", "L’avis de Trustee n’est pas demandé."),
    ],
)
def test_what_makes_no_sense_is_refused(town, loan, act, code, message):
    with pytest.raises(engine.MoveRefused) as caught:
        act(loan, town.librarian, code)

    assert str(caught.value) == message


def test_who_has_answered_is_not_dismissed(town, loan, advisers):
    advise(loan, advisers["wise"], "yes")

    with pytest.raises(engine.MoveRefused, match="a rendu son avis"):
        dismiss(loan, town.librarian, "wise")


@pytest.mark.parametrize("act", [invite, dismiss])
def test_only_who_leads_the_consultation_changes_it_and_says_why(town, loan, act):
    with pytest.raises(engine.MoveRefused) as by_another:
        act(loan, town.reader, "hasty")
    with pytest.raises(engine.MoveRefused) as silent:
        act(loan, town.librarian, "hasty", reason=" ")

    assert by_another.value.refusals[0].ground is Ground.ROLE
    assert silent.value.refusals[0].field == "reason"


def test_the_same_consultation_has_two_rules():
    assert ACCLAIM.name == ADVICE.name
    assert ACCLAIM.rules() != ADVICE.rules()
