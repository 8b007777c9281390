"""A procedure is shown whole: every state, every move, and nothing over anything."""

import dataclasses
import re

import pytest
from defusedxml.ElementTree import fromstring
from django.core.management import CommandError, call_command
from django.db.models import TextChoices
from hypothesis import given, settings
from hypothesis import strategies as some

from tests.library import lifecycle
from tests.library.journey import LoanFlow
from tests.library.lifecycle import PROCESS, State
from tests.workflow import pictures
from workflow.bpmn import MODEL, bpmn_of
from workflow.cases import latest_of
from workflow.diagrams import Count, Focus, mermaid_of, moves_of, steps_of, svg_of
from workflow.diagrams.layout import COURSE, END, Grid, links, ordinary_course
from workflow.diagrams.page import page_of
from workflow.diagrams.tables import edits_of, states_of
from workflow.management.commands import draw_processes
from workflow.process import Move, Process, any_of

SVG = "{http://www.w3.org/2000/svg}"


def shown(focus=None):
    return fromstring(svg_of(PROCESS, focus))


def texts(picture):
    return [text.text for text in picture.iter(f"{SVG}text")]


def with_class(picture, name):
    return [e for e in picture.iter() if name in e.get("class", "").split()]


def row(label):
    return next(
        row for row in moves_of(PROCESS, LoanFlow.steps()) if row.label == label
    )


# Where things stand


def test_the_ordinary_course_leads_to_the_end_that_takes_longest():
    assert ordinary_course(PROCESS) == ["wished", "asked", "lent", "returned"]


def test_states_stand_in_the_order_of_the_stages_and_ends_apart():
    places = Grid.of(PROCESS).places

    assert [s for s, place in places.items() if place.column == COURSE] == [
        "wished",
        "asked",
        "lent",
    ]
    assert {s for s, place in places.items() if place.column == END} == PROCESS.final
    assert "frozen" not in places


def test_a_move_from_two_states_is_two_arrows():
    ends = {(link.source, link.target) for link in links(PROCESS)}

    assert {("asked", "given"), ("lent", "given")} <= ends


def test_a_pause_has_no_arrow_and_is_told_in_words():
    assert not any("frozen" in (link.source, link.target) for link in links(PROCESS))
    assert "Dégeler : retour à l’état précédent" in texts(shown())


def test_a_move_from_many_states_is_told_where_it_arrives_and_pinned_where_it_leaves():
    everywhere = dataclasses.replace(
        lifecycle.REFUSE, source=frozenset({"wished", "asked", "lent", "returned"})
    )
    process = dataclasses.replace(
        PROCESS, moves=(everywhere, *(m for m in PROCESS.moves if m.name != "refuse"))
    )

    picture = fromstring(svg_of(process))

    assert "depuis 4 états" in texts(picture)
    assert [e.text for e in with_class(picture, "diagram__pinned")] == ["1"] * 4


def many_processes():
    """Draw procedures of every shape, whose declaration holds together."""

    @some.composite
    def process(draw):
        size = draw(some.integers(2, 9))
        names = [f"s{n}" for n in range(size)]
        ends = draw(some.integers(1, size - 1))
        states = TextChoices("States", [(n, (n, f"État {n}")) for n in names])
        pairs = {(names[max(n - 1, 0)], name) for n, name in enumerate(names) if n}
        pairs |= draw(some.sets(some.tuples(*[some.sampled_from(names)] * 2)))
        moves = [
            Move(
                f"m{n}", f"Faire la chose {n}", frozenset({source}), target, any_of("a")
            )
            for n, (source, target) in enumerate(sorted(pairs))
        ]
        stages = sorted(draw(some.lists(some.integers(0, 3), min_size=9, max_size=9)))
        return Process(
            name="any",
            version=1,
            title="Toutes",
            prefix="T",
            states=states,
            roles=TextChoices("Roles", [("A", ("a", "agent"))]),
            stages={name: f"e{stages[n]}" for n, name in enumerate(names)},
            initial=names[0],
            final=frozenset(names[size - ends :]),
            moves=tuple(moves),
        )

    return process()


@pytest.mark.slow  # sixty procedures
@settings(max_examples=60)
@given(many_processes())
def test_no_arrow_passes_through_a_state(process):
    assert pictures.crossed(pictures.sketch_of(process)) == []


@pytest.mark.slow  # sixty procedures
@settings(max_examples=60)
@given(many_processes())
def test_arrows_to_different_states_never_run_over_one_another(process):
    assert pictures.run_together(pictures.sketch_of(process)) == []


def test_words_cover_nothing():
    assert pictures.hidden(pictures.sketch_of(PROCESS)) == []


# What the picture says


def test_every_state_and_every_move_is_in_the_picture():
    told = texts(shown())

    assert {state.label for state in State} <= set(told)
    assert {str(n) for n in range(1, len(PROCESS.moves) + 1)} <= set(told)


def test_the_picture_carries_neither_style_nor_script():
    picture = shown()

    assert not {e.tag for e in picture.iter()} & {f"{SVG}style", f"{SVG}script"}
    assert not any("style" in e.attrib for e in picture.iter())


def test_the_picture_says_what_it_is_to_those_who_do_not_see_it():
    picture = shown(Focus(current=State.LENT))
    title, told = picture[0], picture[1]

    assert picture.get("role") == "img"
    assert picture.get("aria-labelledby") == f"{title.get('id')} {told.get('id')}"
    assert title.text == "Schéma de la procédure «\xa0Prêt d’un livre\xa0»"
    assert told.text.startswith("Le dossier est à l’état «\xa0Prêté\xa0».")


def test_the_way_of_a_case_is_brought_out_and_not_by_colour_alone():
    picture = shown(Focus(current=State.LENT, path=[State.WISHED, State.ASKED]))

    assert len(with_class(picture, "diagram__state--current")) == 1
    assert len(with_class(picture, "diagram__state--passed")) == 2
    assert len(with_class(picture, "diagram__arrow--taken")) == 2
    assert {"état actuel", "✓ Souhaité", "✓ Demandé"} <= set(texts(picture))


def test_the_cases_in_each_state_are_counted():
    counts = {State.ASKED: Count(12, overdue=3), State.LENT: Count(1)}

    told = texts(shown(Focus(counts=counts)))

    assert "12 dossiers, dont 3 en retard" in told
    assert "1 dossier" in told


def test_a_long_stage_is_written_on_several_lines():
    name = "Guichet de la bibliothèque municipale"
    long = dataclasses.replace(PROCESS, stages=PROCESS.stages | {State.LENT: name})

    labels = with_class(fromstring(svg_of(long)), "diagram__stage")

    assert name in " ".join(label.text for label in labels)
    assert name not in {label.text for label in labels}


def test_labels_are_escaped():
    odd = dataclasses.replace(PROCESS, title="Prêt <b> & retour")

    title = fromstring(svg_of(odd))[0]

    assert title.text.endswith("Prêt <b> & retour\xa0»")


# What the tables say


def test_a_move_says_who_makes_it_and_on_what_condition():
    assert row("Prêter").by == ("bibliothécaire",)
    assert row("Prêter").conditions == (
        "une autre personne que pour «\xa0Demander\xa0»",
        "conseils : tous rendus ou échus",
        "conseils : aucun avis défavorable qui fasse obstacle",
    )
    assert row("Exposer").conditions[:2] == (
        "une personne étrangère à l’unité «\xa0lecteur\xa0»",
        "conseils : au moins 2 favorables",
    )
    assert row("Demander").conditions == ("titre connu", "trois jours au plus")
    assert row("Donner").conditions == (
        "l’accord porte sur le titre : y toucher le fait tomber",
        "identité confirmée à l’instant",
    )


def test_several_signatures_are_told_in_their_order():
    assert row("Rendre").by == (
        "lecteur",
        "puis bibliothécaire",
        "par des personnes différentes",
    )
    assert row("Donner").by == (
        "directeur",
        "et maire",
        "par des personnes différentes",
    )


def test_a_move_says_what_it_asks_and_where_it_leads():
    assert row("Prêter").inputs == ("Jusqu’au (date)", "Note (texte, facultatif)")
    assert row("Refuser").inputs == ("motif",)
    assert row("Prolonger").target == "même état"
    assert row("Dégeler").target == "état précédent"
    assert row("Geler").sources == ("Demandé", "Prêté")


def test_the_delay_of_a_move_is_that_of_the_step_which_asks_for_it():
    assert row("Refuser").delays == ("3 jours",)
    assert row("Rendre").delays == ("5 jours ouvrés",)
    assert row("Prolonger").delays == ()


def test_steps_say_whom_they_ask_and_when():
    receive = steps_of(PROCESS, LoanFlow.steps())[3]

    assert (receive.title, receive.asked) == ("Recevoir le livre", "bibliothécaire")
    assert receive.states == ("Prêté",)
    assert receive.note == "demandé une fois «\xa0Rendre\xa0» signé par les autres"


def test_states_come_stage_by_stage_with_their_moves():
    rows = states_of(PROCESS)

    assert [row.label for row in rows] == [state.label for state in State]
    assert (rows[0].nature, rows[0].moves) == ("initial", (1,))
    assert {row.label for row in rows if row.nature == "final"} == {
        "Rendu",
        "Refusé",
        "Donné",
    }


def test_edits_say_who_and_where():
    rename, *_ = edits_of(PROCESS)

    assert rename.by == ("lecteur",)
    assert rename.states == ("Souhaité", "Demandé", "Donné")


def test_the_text_of_the_picture_has_every_state_and_every_move():
    text = mermaid_of(PROCESS)

    assert all(f'"{state.label}" as {state.value}' in text for state in State)
    numbered = enumerate(PROCESS.moves, 1)
    assert all(f"{number}. {move.label}" in text for number, move in numbered)


def test_the_page_has_rows_of_equal_length():
    page = page_of(PROCESS, LoanFlow.steps())

    for table in re.findall(r"(?:^\|.*\n)+", page, re.MULTILINE):
        assert len({line.count(" | ") for line in table.splitlines()}) == 1
    assert PROCESS.digest in page


# What other tools read


@pytest.fixture(scope="module")
def bpmn():
    return next(fromstring(bpmn_of(LoanFlow)).iter(f"{{{MODEL}}}process"))


def test_every_step_of_the_journey_can_be_reached_in_bpmn(bpmn):
    flows = [
        (flow.get("sourceRef"), flow.get("targetRef"))
        for flow in bpmn.iter(f"{{{MODEL}}}sequenceFlow")
    ]

    reached = {"id_node_start"}
    for _ in flows:
        reached |= {target for source, target in flows if source in reached}

    assert reached == {node.get("id") for node in bpmn if "Task" in node.tag} | {
        "id_node_start",
        "id_node_end",
    }


def test_what_bpmn_names_is_named_once(bpmn):
    names = [element.get("id") for element in bpmn.iter() if element.get("id")]

    assert len(names) == len(set(names))
    assert {e.text for e in bpmn.iter() if e.tag.endswith("ing")} <= set(names)


def test_bpmn_is_in_the_words_of_the_procedure(bpmn):
    assert bpmn.get("name") == "Prêt d’un livre"
    assert {node.get("name") for node in bpmn} >= {
        "Dossier ouvert",
        "Dossier terminé",
        "Répondre à la demande",
        "Prêter ou Exposer",
    }


# What is published


@pytest.fixture
def publish(tmp_path, capsys):
    def run(*arguments):
        call_command("draw_processes", PROCESS.name, *arguments, folder=tmp_path)
        return capsys.readouterr().out

    run()
    return run


def test_a_procedure_is_published_with_its_picture(publish, tmp_path):
    assert {path.name for path in tmp_path.iterdir()} == {
        "README.md",
        "loan.md",
        "loan.svg",
    }
    assert (tmp_path / "loan.svg").read_text() == svg_of(latest_of(PROCESS.name))
    assert "La publication des procédures est à jour." in publish("--check")


def test_what_is_out_of_date_is_shown_and_left_as_it_is(publish, tmp_path, capsys):
    page = tmp_path / "loan.md"
    page.write_text(page.read_text().replace("**Prêter**", "**Louer**"))

    with pytest.raises(CommandError, match="draw_processes"):
        publish("--check")

    shown = capsys.readouterr().out
    assert "-| 2 | **Louer**" in shown
    assert "+| 2 | **Prêter**" in shown
    assert "**Louer**" in page.read_text()


def test_what_no_procedure_publishes_any_more_is_removed(publish, tmp_path, capsys):
    gone = tmp_path / "gone.svg"
    gone.touch()

    with pytest.raises(CommandError):
        publish("--check")
    assert "gone.svg" in capsys.readouterr().out

    publish()
    assert not gone.exists()


def test_to_publish_one_procedure_leaves_the_others_as_they_are(tmp_path, monkeypatch):
    other = dataclasses.replace(PROCESS, name="gift")
    monkeypatch.setattr(draw_processes, "bound_processes", lambda: [other, PROCESS])
    (tmp_path / "gift.md").write_text("Don")

    call_command("draw_processes", PROCESS.name, folder=tmp_path)

    assert (tmp_path / "gift.md").read_text() == "Don"
    index = (tmp_path / "README.md").read_text()
    assert "gift.md" in index
    assert "loan.md" in index


def test_an_unknown_procedure_is_not_published(tmp_path):
    with pytest.raises(CommandError, match="gift"):
        call_command("draw_processes", "gift", folder=tmp_path)
