"""The State's file of grants: columns found, rows read or refused with reasons."""

import pytest

from erbm.imports import grants
from erbm.imports.grants import Grant, Level, Rejection
from erbm.imports.sheets import UnreadableFile
from tests.imports.tables import (
    HEADERS,
    ods_table,
    row,
    write_csv,
    write_ods,
    write_xlsx,
)

GRANT = Grant(
    line=2,
    source_id="di19_com00001",
    level=Level.COMMUNE,
    place_code="62498",
    place_name="Lens",
    scheme="DSIL",
    category="Education",
    title="Rénovation d’une école",
    description="Rénovation d’une école",
    cost_cents=10_000_050,
    grant_cents=4_000_000,
    latitude=50.43,
    longitude=2.83,
)


def read(tmp_path, *rows, headers=HEADERS):
    path = write_xlsx(tmp_path / "t.xlsx", projets=[headers, *rows])
    return list(grants.read(path))


def reasons(tmp_path, **changes):
    (found,) = read(tmp_path, row(**changes))
    assert isinstance(found, Rejection)
    return found.reasons


def written(tmp_path, format_, rows):
    path = tmp_path / "t"
    match format_:
        case "xlsx":
            return write_xlsx(path.with_suffix(".xlsx"), infos=[["x"]], data=rows)
        case "ods":
            return write_ods(path, ods_table([["x"]], "infos") + ods_table(rows))
        case "csv":
            return write_csv(path, rows)
        case "csv of a French spreadsheet":
            return write_csv(path, rows, encoding="cp1252", separator=";")


FORMATS = ["xlsx", "ods", "csv", "csv of a French spreadsheet"]


@pytest.mark.parametrize("format_", FORMATS)
def test_a_row_says_the_same_in_every_format(tmp_path, format_):
    assert list(grants.read(written(tmp_path, format_, [HEADERS, row()]))) == [GRANT]


@pytest.mark.parametrize("format_", FORMATS)
def test_a_file_is_read_to_its_last_line(tmp_path, format_):
    rows = [
        row(id_projet=f"p{n}", description=f"{n * n * 7919:x}" * 20) for n in range(600)
    ]
    found = list(grants.read(written(tmp_path, format_, [HEADERS, *rows])))
    assert [grant.source_id for grant in found] == [f"p{n}" for n in range(600)]


@pytest.mark.parametrize("format_", FORMATS)
def test_columns_are_found_by_their_headers_not_their_places(tmp_path, format_):
    backwards = [HEADERS[::-1], row()[::-1]]
    assert list(grants.read(written(tmp_path, format_, backwards))) == [GRANT]


def test_headers_are_known_under_the_names_of_other_editions(tmp_path):
    headers = [
        "Identifiant du projet",
        "Code département",
        "Code INSEE",
        "Nom de la collectivité",
        "Population",
        "DISPOSITIF",
        "Échelon (commune, EPCI…)",
        "Thématique",
        " Intitulé  du projet ",
        "Coût total HT (en €)",
        "Montant de la subvention",
        "Taux",
        "Latitude",
        "Longitude",
    ]
    assert read(tmp_path, row(), headers=headers) == [GRANT]


def test_a_title_and_remarks_may_stand_above_the_headers(tmp_path):
    path = write_xlsx(
        tmp_path / "t.xlsx", data=[["Projets 2019"], [], ["Source"], HEADERS, row()]
    )
    (grant,) = grants.read(path)
    assert grant.line == 5


def test_the_columns_that_are_not_needed_may_be_absent(tmp_path):
    needed = [
        "id_projet",
        "id_terr",
        "dotation",
        "description",
        "cout_total",
        "montant_sub",
    ]
    cells = dict(zip(HEADERS, row(), strict=True))
    (grant,) = read(tmp_path, [cells[name] for name in needed], headers=needed)
    assert (grant.level, grant.place_name) == (Level.COMMUNE, "62498")


def test_a_missing_column_is_named(tmp_path):
    headers = ["truc" if header == "cout_total" else header for header in HEADERS]
    with pytest.raises(UnreadableFile) as refused:
        read(tmp_path, row(), headers=headers)
    assert "Feuille «\xa0projets\xa0», ligne 1" in str(refused.value)
    assert "«\xa0coût total\xa0»" in str(refused.value)
    assert "«\xa0montant" not in str(refused.value)


def test_a_table_of_something_else_is_refused(tmp_path):
    with pytest.raises(UnreadableFile, match="Aucune feuille n’a de ligne d’en-tête"):
        read(tmp_path, [1, 2], headers=["a", "b"])


def test_two_years_that_count_anew_do_not_mix(tmp_path):
    rows = [[*row(id_projet=1), year] for year in (2021, 2022)]
    found = read(tmp_path, *rows, headers=[*HEADERS, "Exercice"])
    assert [grant.source_id for grant in found] == ["2021-1", "2022-1"]


@pytest.mark.parametrize(
    ("changes", "level", "code"),
    [
        ({"id_terr": 1001}, Level.COMMUNE, "01001"),
        ({"id_terr": "2A004"}, Level.COMMUNE, "2A004"),
        ({"echelon": "EPCI", "id_terr": 246200364}, Level.EPCI, "246200364"),
        ({"echelon": "Conseil départemental", "id_terr": 1}, Level.DEPARTEMENT, "01"),
        ({"echelon": "", "id_terr": "246200364"}, Level.EPCI, "246200364"),
        ({"echelon": None, "id_terr": "62"}, Level.DEPARTEMENT, "62"),
    ],
)
def test_the_level_and_the_code_of_the_place(tmp_path, changes, level, code):
    (grant,) = read(tmp_path, row(**changes))
    assert (grant.level, grant.place_code) == (level, code)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id_projet": None}, "Identifiant du projet absent."),
        ({"id_projet": "x" * 61}, "Identifiant du projet trop long."),
        ({"id_terr": None}, "Code de collectivité (commune) invalide\xa0: «\xa0\xa0»."),
        (
            {"echelon": "epci"},
            "Code de collectivité (EPCI) invalide\xa0: «\xa062498\xa0».",
        ),
        ({"echelon": "région"}, "Échelon inconnu\xa0: «\xa0région\xa0»."),
        ({"dotation": "FPIC"}, "Dotation inconnue\xa0: «\xa0FPIC\xa0»."),
        ({"cout_total": None}, "Coût\xa0: le montant est absent."),
        ({"cout_total": "n. c."}, "Coût\xa0: «\xa0n. c.\xa0» n’est pas un montant."),
        ({"cout_total": 0}, "Coût\xa0: le montant doit être positif."),
        ({"montant_sub": -1}, "Subvention\xa0: le montant doit être positif."),
        ({"montant_sub": 100000.51}, "La subvention dépasse le coût."),
    ],
)
def test_a_row_is_refused_with_its_reason(tmp_path, changes, reason):
    assert reasons(tmp_path, **changes) == (reason,)


def test_a_row_is_refused_with_all_its_reasons(tmp_path):
    changes = {"id_projet": "", "dotation": "?", "cout_total": "?", "montant_sub": "?"}
    assert len(reasons(tmp_path, **changes)) == 4


def test_the_second_row_of_an_identifier_is_refused(tmp_path):
    first, second = read(tmp_path, row(), row(cout_total=1_000_000))
    assert first == GRANT
    assert second.reasons == ("Identifiant déjà présent à la ligne 2.",)


def test_blank_rows_are_not_rows(tmp_path):
    blank, spaces = [None] * len(HEADERS), [" "] * len(HEADERS)
    found = read(tmp_path, row(), blank, spaces, row(id_projet="b"))
    assert [grant.line for grant in found] == [2, 5]


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({"description": None}, "Education – Lens"),
        ({"description": " ", "categorie": ""}, "DSIL – Lens"),
        ({"description": "a\n b\x07c"}, "a b c"),
        ({"description": "=1+1"}, "=1+1"),
        ({"description": "mot " * 100}, "mot " * 73 + "mot…"),
        ({"description": "x" * 400}, "x" * 299 + "…"),
    ],
)
def test_every_project_has_a_title_that_fits(tmp_path, changes, title):
    path = write_csv(tmp_path / "t.csv", [HEADERS, row(**changes)])
    (grant,) = grants.read(path)
    assert grant.title == title
    assert len(grant.title) <= 300


def test_too_many_rows_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(grants, "MAX_ROWS", 1)
    with pytest.raises(UnreadableFile, match="plus de 1 projets"):
        read(tmp_path, row(), row(id_projet="b"))
