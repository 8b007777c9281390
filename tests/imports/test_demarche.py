"""The export of Démarche numérique: dossiers of the API become projects."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from erbm.imports import demarche, grants
from erbm.imports.grants import Grant, Rejection
from erbm.imports.sheets import UnreadableFile
from erbm.operations.models import Operation

AGGLOMERATION = {
    "siret": "20004404800010",
    "entreprise": {
        "siren": "200044048",
        "raisonSociale": "CC OSARTIS MARQUION",
        "formeJuridiqueCode": "7346",
    },
    "address": {"cityCode": "62873", "cityName": "Vitry-en-Artois"},
}
COMMUNE = {
    "entreprise": {"siren": "216204982", "formeJuridiqueCode": "7210"},
    "address": {"cityCode": "62498", "cityName": "Lens"},
}


def field(label, value, **more):
    return {"__typename": "TextChamp", "label": label, "stringValue": value} | more


def dossier(number=123, *, asker=COMMUNE, state="en_instruction", **said):
    said = {"objet": "Toiture de l’école", "dispositif": "DSIL"} | said
    return {
        "number": number,
        "state": state,
        "demandeur": asker,
        "champs": [
            field("Nom du projet", said["objet"]),
            field("Dispositif sollicité", said["dispositif"]),
            field("Coût total HT", "100 000,50", decimalNumber=100000.5),
            field("Subvention demandée", "40000", integerNumber="40000"),
            *said.get("more", []),
        ],
        "annotations": [field("Thématique", "Éducation")],
    }


def answer(*dossiers):
    """The shape of an answer of the API to the question of a whole procedure."""
    nodes = {"nodes": list(dossiers), "pageInfo": {"hasNextPage": False}}
    return {"data": {"demarche": {"number": 1, "dossiers": nodes}}}


@pytest.fixture
def written(tmp_path):
    def write(content):
        path = tmp_path / "export.json"
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_dossier_says_who_asks_for_what(written):
    [grant] = grants.read(written(answer(dossier())))

    assert isinstance(grant, Grant)
    assert (grant.source_id, grant.scheme) == ("DN-123", "DSIL")
    assert (grant.cost_cents, grant.grant_cents) == (10_000_050, 4_000_000)
    assert (grant.level.value, grant.place_code) == ("commune", "62498")
    assert grant.title == "Toiture de l’école"
    assert grant.category == "Éducation"
    assert grant.origin == "Démarche numérique, dossier 123"


@pytest.mark.parametrize(
    "content",
    [
        answer(dossier()),
        [answer(dossier())],
        {"data": {"dossier": dossier()}},
        {"data": {"demarche": {"dossiers": {"edges": [{"node": dossier()}]}}}},
        [dossier()],
    ],
    ids=["answer", "pages", "one", "edges", "list"],
)
def test_the_shapes_that_the_api_answers_in_are_all_read(written, content):
    assert [grant.source_id for grant in grants.read(written(content))] == ["DN-123"]


def test_a_grouping_of_communes_asks_in_its_own_name(written):
    [grant] = grants.read(written(answer(dossier(asker=AGGLOMERATION))))

    assert (grant.level.value, grant.place_code) == ("EPCI", "200044048")


def test_the_commune_of_the_project_comes_before_that_of_the_asker(written):
    there = field("Commune du projet", "Liévin", commune={"code": "62510"})

    [grant] = grants.read(written(answer(dossier(more=[there]))))

    assert grant.place_code == "62510"


@pytest.mark.parametrize(
    ("state", "said"),
    [("refuse", "refusé"), ("sans_suite", "classé sans suite")],
)
def test_what_was_refused_there_is_not_imported(written, state, said):
    [rejection] = grants.read(written(answer(dossier(state=state))))

    assert isinstance(rejection, Rejection)
    assert rejection.reasons == (f"Dossier {said} dans la démarche.",)


def test_a_dossier_without_number_or_amount_says_what_is_missing(written):
    broken = dossier(number=None)
    broken["champs"][2] = field("Coût total HT", "beaucoup")

    [rejection] = grants.read(written(answer(broken)))

    assert rejection.line == 2
    assert "Identifiant du projet absent." in rejection.reasons
    assert "Coût : « beaucoup » n’est pas un montant." in rejection.reasons


@pytest.mark.parametrize(
    "content",
    ["{", "[" * 100_000, "{}", '{"data": null}', answer(), '{"champs": 1, "x": []}'],
)
def test_another_json_is_no_export(written, content):
    with pytest.raises(UnreadableFile):
        list(grants.read(written(content)))


def test_what_is_not_as_expected_inside_a_dossier_breaks_nothing(written):
    odd = dossier()
    odd["champs"] += [None, 3, {"label": None, "stringValue": None}, field("x", True)]
    odd["demandeur"] = "Lens"

    [found] = demarche.sheets(written(answer(odd)))

    assert len(list(found.lines)) == 2


@pytest.mark.django_db
def test_an_export_is_imported_once(written):
    call_command("load_reference", stdout=StringIO())
    path, out = written(answer(dossier(), dossier(124, state="refuse"))), StringIO()
    for _ in range(2):
        call_command("import_operations", path, stdout=out, stderr=out)

    operation = Operation.objects.get()
    assert operation.source_id == "DN-123"
    assert operation.figures_note.startswith("Démarche numérique, dossier 123 : DSIL")
    assert out.getvalue().count("rejetés : 1") == 2


@pytest.mark.django_db
def test_a_broken_export_changes_nothing(written):
    call_command("load_reference", stdout=StringIO())

    with pytest.raises(CommandError, match="Rien n’a été importé"):
        call_command("import_operations", written('{"data": [}'), stdout=StringIO())

    assert not Operation.objects.exists()
