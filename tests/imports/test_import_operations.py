"""The import of the State's file, from the command line to the register."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from erbm.accounts.models import User
from erbm.imports import commands, queries
from erbm.imports.management.commands.import_operations import TECHNICAL_ACCOUNT
from erbm.operations.models import Operation
from tests.imports.tables import HEADERS, row, write_csv, write_xlsx
from tests.workflow.databases import dump
from workflow.models import Case, Event, Task, Unit

pytestmark = pytest.mark.django_db

LENS = row()
LILLE = row(id_projet="lille", id_terr="59350", nom_terr="Lille")
PARIS = row(id_projet="paris", id_terr="75056", nom_terr="Paris")
OSARTIS = row(id_projet="osartis", id_terr="200044048", echelon="epci")


@pytest.fixture
def _reference(db):
    call_command("load_reference", stdout=StringIO())


@pytest.fixture
def run(_reference, tmp_path):
    """Import rows, and return what the command said."""

    def import_(*rows, **options):
        out = StringIO()
        path = write_xlsx(tmp_path / "t.xlsx", projets=[HEADERS, *rows])
        call_command("import_operations", path, stdout=out, stderr=out, **options)
        return out.getvalue()

    return import_


def counts(said):
    """Read the five counts of the summary."""
    return [int(line.rpartition(":")[2]) for line in said.splitlines()[:5]]


def test_a_grant_becomes_a_subsidised_project(run):
    assert counts(run(LENS)) == [1, 0, 0, 0, 0]

    operation = Operation.objects.select_related("case__jurisdiction").get()
    case = operation.case
    assert operation.kind == "subsidy"
    assert (operation.source_id, case.title) == ("di19_com00001", LENS[8])
    assert operation.owner.code == "commune-62498"
    assert [commune.name for commune in operation.communes.all()] == ["Lens"]
    assert operation.theme.code == "education-training"
    assert case.jurisdiction.code == "arrondissement-lens"
    assert (case.amount_cents, operation.requested_cents) == (10_000_050, 4_000_000)
    assert (case.state, case.opened_by.email) == ("draft", TECHNICAL_ACCOUNT)


def test_the_plan_of_an_imported_project_is_balanced(run):
    run(LENS, row(id_projet="whole", montant_sub=100000.5))
    plans = {
        operation.source_id: [
            (line.scheme, line.amount_cents) for line in operation.lines.order_by("pk")
        ]
        for operation in Operation.objects.all()
    }
    assert plans == {
        "di19_com00001": [("dsil", 4_000_000), ("own", 6_000_050)],
        "whole": [("dsil", 10_000_050)],
    }
    assert not any(o.financing_gap_cents() for o in Operation.objects.all())


def test_its_owner_is_asked_to_complete_it_and_its_trail_says_where_it_comes_from(run):
    run(LENS)
    task = Task.objects.open().get()
    assert task.unit.code == "commune-62498"
    event = Event.objects.get()
    assert json.loads(event.body)["facts"]["source_id"] == "di19_com00001"


def test_an_epci_without_commune_is_handled_where_its_committee_is(run):
    run(OSARTIS)
    operation = Operation.objects.get()
    assert operation.owner.code == "epci-200044048"
    assert operation.case.jurisdiction.code == "arrondissement-arras"
    assert not operation.communes.exists()


def test_importing_again_creates_nothing(run):
    run(LENS, OSARTIS)
    assert counts(run(LENS, OSARTIS, row(id_projet="new"))) == [1, 2, 0, 0, 0]
    assert Operation.objects.count() == 3
    assert User.objects.filter(email=TECHNICAL_ACCOUNT).count() == 1


def test_a_project_that_changed_in_the_file_is_reported_and_kept(run):
    run(LENS)
    assert counts(run(row(cout_total=200000))) == [0, 0, 1, 0, 0]
    assert Case.objects.get().amount_cents == 10_000_050


def test_what_is_out_of_the_programme_is_counted_and_left(run):
    said = run(LENS, LILLE, PARIS)
    assert counts(said) == [1, 0, 0, 2, 0]
    assert "1 hors périmètre\xa0: Commune hors du programme." in said
    assert "1 hors périmètre\xa0: Commune hors du Nord et du Pas-de-Calais." in said


def test_all_territories_can_be_imported(run):
    departement = row(
        id_projet="dep", id_terr="59", echelon="conseil_departemental", dotation="DSID"
    )
    said = run(LENS, LILLE, PARIS, departement, all_territories=True)
    assert counts(said) == [4, 0, 0, 0, 0]
    jurisdictions = Case.objects.values_list("jurisdiction__code", flat=True)
    assert sorted(jurisdictions) == [
        "arrondissement-lens",
        "arrondissement-lille",
        "hors-perimetre",
        "hors-perimetre",
    ]
    # The Département of the reference data, not another one of the same code.
    assert Unit.objects.get(code="departement-59").name == "Département du Nord"


def test_every_rejected_row_is_listed_with_its_number_and_its_reason(run):
    said = run(LENS, row(id_projet="b", cout_total=0), row(id_projet="", dotation="?"))
    assert counts(said) == [1, 0, 0, 0, 2]
    assert "ligne 3 (b)\xa0: Coût\xa0: le montant doit être positif." in said
    assert "ligne 4 ()\xa0: Identifiant du projet absent. Dotation inconnue" in said


def test_a_trial_writes_nothing(run):
    untouched = dump()
    run(LENS, dry_run=True)
    assert dump() == untouched
    run(LENS)
    before = dump()
    said = run(LENS, OSARTIS, LILLE, dry_run=True)
    assert counts(said) == [1, 1, 0, 1, 0]
    assert "rien n’a été enregistré" in said
    assert dump() == before


@pytest.mark.usefixtures("_reference")
def test_a_file_that_breaks_at_its_end_changes_nothing(tmp_path):
    path = write_csv(tmp_path / "t.csv", [HEADERS, LENS])
    with path.open("a") as file:
        file.write('"' + "x" * 200_000)
    untouched = dump()
    with pytest.raises(CommandError, match="Rien n’a été importé"):
        call_command("import_operations", path, stdout=StringIO(), stderr=StringIO())
    assert dump() == untouched


def test_an_import_that_fails_halfway_changes_nothing(run, monkeypatch):
    monkeypatch.setattr(queries, "CHUNK", 1)
    open_operations = commands.operations.open_operations

    def fails_at_the_second(*, drafts, **others):
        if drafts[0].facts["source_id"] == "osartis":
            raise DatabaseError("plein")
        return open_operations(drafts=drafts, **others)

    monkeypatch.setattr(commands.operations, "open_operations", fails_at_the_second)
    with pytest.raises(CommandError, match=r"Rien n’a été importé\. \(plein\)"):
        run(LENS, OSARTIS)
    assert not Operation.objects.exists()
    assert not Case.objects.exists()
    assert not Unit.objects.filter(code="commune-62498").exists()


def test_the_import_is_made_in_the_name_of_who_is_named(run):
    agent = User.objects.create_user("agent@erbm.example")
    run(LENS, by="Agent@erbm.example")
    assert Case.objects.get().opened_by == agent


def test_nobody_signs_in_with_the_technical_account(run):
    run(LENS)
    account = User.objects.get(email=TECHNICAL_ACCOUNT)
    assert not account.is_active
    assert not account.has_usable_password()


def test_an_unknown_author_is_refused(run):
    with pytest.raises(CommandError, match="Personne n’a l’adresse"):
        run(LENS, by="nobody@erbm.example")


def test_the_rows_left_aside_are_written_where_asked(run, tmp_path):
    path = tmp_path / "rapport.csv"
    run(LENS, LILLE, row(id_projet="@1", cout_total="?"), report=path)
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    assert lines == [
        "ligne;identifiant;sort;motif",
        "4;'@1;rejeté;Coût\xa0: «\xa0?\xa0» n’est pas un montant.",
        "3;lille;hors périmètre;Commune hors du programme.",
    ]


def test_a_report_that_cannot_be_written_stops_before_the_import(run, tmp_path):
    with pytest.raises(CommandError, match="rapport ne peut être écrit"):
        run(LENS, report=tmp_path / "nowhere" / "rapport.csv")
    assert not Operation.objects.exists()


def test_without_reference_data_the_command_says_what_to_do(tmp_path):
    path = write_csv(tmp_path / "t.csv", [HEADERS, LENS])
    with pytest.raises(CommandError, match="load_reference"):
        call_command("import_operations", path, stderr=StringIO())


def test_hundreds_cost_as_many_queries_as_one(run, django_assert_max_num_queries):
    rows = [
        row(id_projet=f"p{n}", id_terr=code)
        for n, code in enumerate(["62498", "62510", "59178", "59606"] * 50)
    ]
    with django_assert_max_num_queries(70):
        run(*rows)
    assert Operation.objects.count() == 200
