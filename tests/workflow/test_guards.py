"""The database itself refuses what would rewrite the trail."""

import io
import re

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from tests.intruder import guards_down
from tests.library.factories import NOW
from tests.workflow import test_comments, test_conflicts
from tests.workflow.test_sealing import key, seal
from workflow.apps import harden_again
from workflow.comments import NewFile
from workflow.models import Case, Comment, Event, EventText, Signature, Unsealed
from workflow.trail import chain, guards, recusals, remarks, sealing, seals, verify
from workflow.trail.notes import Signer

pytestmark = pytest.mark.django_db

EVERYTHING = {"insert", "update", "delete", "truncate"}
KEPT = {
    "workflow_event": EVERYTHING,
    "workflow_eventtext": EVERYTHING - {"insert"},
    "workflow_signature": EVERYTHING - {"insert"},
    "workflow_entry": EVERYTHING - {"insert"},
    "workflow_entrytext": EVERYTHING - {"insert"},
    "workflow_leaf": EVERYTHING,
    "workflow_checkpoint": EVERYTHING - {"insert"},
    "workflow_sealingkey": EVERYTHING - {"insert"},
}


@pytest.fixture
def case(town):
    return town.loan_at("given").case


def refused(sql, *values):
    """Tell whether the database refuses a statement, all its constraints examined."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql, values)
            assert cursor.rowcount != 0, "the statement touches nothing"
    except DatabaseError as error:
        return "workflow" in str(error)
    return False


@pytest.mark.parametrize("column", [f.column for f in Event._meta.concrete_fields])
def test_no_column_of_an_event_is_changed(case, column):
    assert refused(
        f'UPDATE workflow_event SET "{column}" = "{column}" WHERE case_id = %s',  # noqa: S608
        case.pk,
    )


@pytest.mark.parametrize("table", ["event", "eventtext", "signature"])
def test_no_row_is_deleted(case, table):
    assert refused(f"DELETE FROM workflow_{table}")  # noqa: S608


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["event", "eventtext", "signature"])
def test_no_table_is_emptied(case, table):
    assert refused(f"TRUNCATE workflow_{table} CASCADE")


@pytest.mark.postgres
def test_a_session_that_plays_a_replica_is_refused_as_well(case):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")

    assert refused("DELETE FROM workflow_event")
    assert refused("UPDATE workflow_event SET role = 'mayor'")


REPLACE = {
    "sqlite": "INSERT OR REPLACE INTO workflow_event SELECT * FROM workflow_event"
    " WHERE case_id = %s AND seq = 2",
    "postgresql": "INSERT INTO workflow_event SELECT * FROM workflow_event"
    " WHERE case_id = %s AND seq = 2 ON CONFLICT (id) DO UPDATE SET role = 'mayor'",
}


def test_no_event_is_replaced(case):
    assert refused(REPLACE[connection.vendor], case.pk)


def slipped_in(case, **changed):
    """Say whether an event can be added to a trail, once something of it is false."""
    latest = Event.objects.filter(case=case).latest("seq")
    body = latest.body
    row = {
        "seq": latest.seq + 1,
        "previous_hash": bytes(latest.hash),
        "hash": chain.link(bytes(latest.hash), body),
        "body": body,
    } | changed
    columns = ", ".join(row)
    return not refused(
        f"INSERT INTO workflow_event (case_id, case_version, kind, move, role, at,"  # noqa: S608
        f" {columns}) SELECT case_id, case_version, kind, move, role, at,"
        f" {', '.join(['%s'] * len(row))} FROM workflow_event WHERE id = %s",
        *row.values(),
        latest.pk,
    )


def test_the_next_event_is_written(case):
    assert slipped_in(case)


@pytest.mark.parametrize(
    "changed",
    [{"seq": 4}, {"seq": 6}, {"seq": 1}, {"previous_hash": bytes(32)}],
    ids=["taken", "gap", "first again", "not linked"],
)
def test_an_event_out_of_its_place_is_refused(case, changed):
    assert not slipped_in(case, **changed)


@pytest.mark.postgres
@pytest.mark.parametrize("changed", [{"hash": bytes(32)}, {"body": "{}"}])
def test_an_event_with_another_hash_is_refused(case, changed):
    assert not slipped_in(case, **changed)


@pytest.mark.parametrize("text", ['{"actor":"Ivan"}', '{"intruder":"Ivan"}'])
def test_a_text_is_not_changed(case, text):
    assert refused(
        "UPDATE workflow_eventtext SET text = %s WHERE event_id ="
        " (SELECT id FROM workflow_event WHERE case_id = %s AND seq = 2)",
        text,
        case.pk,
    )


def test_a_text_is_erased_and_does_not_come_back(case):
    texts = EventText.objects.filter(event__case=case, event__seq=2)
    before = texts.get().text

    assert texts.update(text="", salt=b"") == 1
    assert refused("UPDATE workflow_eventtext SET text = %s", before)


@pytest.mark.parametrize(
    "change",
    ["role = 'reader'", "at = '2020-01-01'", "struck_by_id = NULL", "content = '{}'"],
)
def test_a_signature_stays_as_it_is(case, change):
    event = Event.objects.filter(case=case).latest("seq")
    Signature.objects.filter(case=case).update(struck_by=event)
    content = "content = '{\"a\": 1}'"

    assert refused(
        f"UPDATE workflow_signature SET {content if 'content' in change else change}"  # noqa: S608
    )


def test_every_kept_table_has_its_guards(db):
    found = {table: set() for table in KEPT}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT event_object_table, lower(event_manipulation)"
                " FROM information_schema.triggers UNION SELECT relname, 'truncate'"
                " FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
                " WHERE tgtype & 32 > 0"
            )
        else:
            cursor.execute(
                "SELECT tbl_name, lower(substr(sql, instr(sql, 'BEFORE') + 7, 6))"
                " FROM sqlite_master WHERE type = 'trigger'"
            )
        for table, when in cursor.fetchall():
            found.setdefault(table, set()).add(when)

    without = {"truncate"} if connection.vendor == "sqlite" else set()
    assert set(KEPT) == set(guards.KEPT)
    for table, kept in KEPT.items():
        assert kept - without <= found[table]


def test_who_owns_the_database_is_not_stopped_but_found_out(case):
    with guards_down():
        Event.objects.filter(case=case, seq=2).update(role="mayor")

    [problem] = verify.problems_of(case)
    assert "colonne role" in problem
    assert refused("DELETE FROM workflow_event")


@pytest.fixture
def application(case):
    """Name the role under which the site connects, apart from those of other tests."""
    prefix = connection.settings_dict["NAME"]
    call_command("harden_database", prefix=prefix, stdout=io.StringIO())
    return f"{prefix}_application"


@pytest.fixture
def sealer(application):
    """Name the role under which the sealer connects."""
    return application.replace("_application", "_sealer")


DENIED = [
    "UPDATE workflow_event SET role = 'mayor'",
    "DELETE FROM workflow_event",
    "TRUNCATE workflow_event CASCADE",
    "DELETE FROM workflow_eventtext",
    "UPDATE workflow_eventtext SET event_id = event_id",
    "DELETE FROM workflow_signature",
    "UPDATE workflow_signature SET role = 'mayor'",
    "DELETE FROM workflow_comment",
    "UPDATE workflow_comment SET author_id = author_id",
    "DELETE FROM workflow_attachment",
    "UPDATE workflow_attachment SET sha256 = ''",
    "DELETE FROM workflow_conflict",
    "UPDATE workflow_conflict SET user_id = user_id",
    "DELETE FROM workflow_entry",
    "UPDATE workflow_entry SET kind = 'signed_in'",
    "INSERT INTO workflow_unsealed VALUES (0)",
    "DELETE FROM workflow_unsealed",
    "INSERT INTO workflow_unsealedentry VALUES (0)",
    "INSERT INTO workflow_leaf (index, hash) VALUES (0, '')",
    "DELETE FROM workflow_leaf",
    "INSERT INTO workflow_checkpoint VALUES (1, '', '', '', now())",
    "UPDATE workflow_checkpoint SET note = ''",
    "INSERT INTO workflow_sealingkey VALUES (1, '', '', '', now())",
    "DELETE FROM workflow_timestamp",
    "LOCK workflow_event IN ACCESS EXCLUSIVE MODE",
    "COPY workflow_event FROM PROGRAM 'true'",
    "ALTER FUNCTION workflow_refuse() OWNER TO CURRENT_USER",
    "CREATE RULE trick AS ON INSERT TO workflow_event DO INSTEAD NOTHING",
    "ALTER TABLE workflow_event DISABLE TRIGGER ALL",
    "ALTER TABLE workflow_event ADD COLUMN trick int",
    "DROP TRIGGER event_is_next ON workflow_event",
    "DROP TABLE workflow_event CASCADE",
    "CREATE OR REPLACE FUNCTION workflow_refuse() RETURNS trigger LANGUAGE sql AS ''",
    "SET session_replication_role = replica",
    "CREATE TEMPORARY TABLE workflow_event (id int)",
    "CREATE TABLE workflow_trick (id int)",
    "ALTER TABLE workflow_event OWNER TO CURRENT_USER",
]


@pytest.mark.postgres
@pytest.mark.parametrize("statement", DENIED)
def test_the_application_may_not(application, statement):
    # The superuser of the tests may become anybody: the site is not one.
    become = f"SET LOCAL SESSION AUTHORIZATION {application}"

    with pytest.raises(DatabaseError) as denied, transaction.atomic():
        connection.cursor().execute(become)
        connection.cursor().execute(statement)

    assert re.search("permission denied|must be ", str(denied.value))


@pytest.mark.postgres
@pytest.mark.parametrize(
    "changed", [{"seq": 9}, {"previous_hash": bytes(32)}, {"hash": bytes(32)}]
)
def test_the_application_adds_nothing_but_the_next_event(case, application, changed):
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {application}")

    assert not slipped_in(case, **changed)


@pytest.mark.postgres
def test_the_application_decides_all_the_same(town, application):
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {application}")

    loan = town.loan_at("given")

    assert verify.problems_of(loan.case) == []


@pytest.mark.postgres
def test_the_application_takes_back_and_lifts_all_the_same(town, application):
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {application}")
    loan, file = town.loan_at("asked"), ContentFile(b"%PDF-1.7", name="état.pdf")

    joined = [NewFile(file, "application/pdf")]
    test_comments.write(loan, town.librarian, files=joined)
    test_comments.withdraw(loan, Comment.objects.get(), town.librarian)
    test_conflicts.declare(loan, about=town.librarian, by=town.librarian)
    test_conflicts.lift(loan, about=town.librarian, by=town.director)

    cases = Case.objects.all()
    assert [*remarks.check(cases), *recusals.check(cases)] == []


def test_a_database_without_roles_says_so(db, monkeypatch):
    monkeypatch.setattr(connection, "vendor", "sqlite")

    with pytest.raises(CommandError, match="SQLite"):
        call_command("harden_database")


@pytest.mark.postgres
def test_the_sealer_seals_and_does_nothing_else(case, town, sealer):
    new = Signer.of_pem(key().name, Signer.new_pem())
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {sealer}")
        seal()
        sealing.rotate(by=key(), to=new, at=NOW)
        sealing.seal(by=new, at=NOW)
        for statement in ("DELETE FROM workflow_event", "DELETE FROM workflow_leaf"):
            with pytest.raises(DatabaseError, match="denied"), transaction.atomic():
                cursor.execute(statement)
        cursor.execute("RESET ROLE")

    assert not Unsealed.objects.exists()
    assert seals.check().problems == []


@pytest.mark.postgres
def test_whoever_could_take_the_guards_down_is_no_account_of_the_site(application):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        [superuser] = cursor.fetchone()

    with pytest.raises(CommandError, match="désarmer les gardes"):
        harden(application, site=superuser)


def harden(application, **accounts):
    prefix = application.removesuffix("_application")
    call_command("harden_database", prefix=prefix, stdout=io.StringIO(), **accounts)


@pytest.mark.postgres
def test_the_accounts_that_connect_are_given_their_role(application, monkeypatch):
    monkeypatch.setenv("SITE_PASSWORD", "d’un soir")
    site = application.replace("_application", "_site")
    harden(application, site=site)
    harden(application, site=site)  # twice does no harm

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolcanlogin, rolsuper, pg_has_role(rolname, %s, 'USAGE')"
            " FROM pg_roles WHERE rolname = %s",
            [application, site],
        )
        assert cursor.fetchone() == (True, False, True)


@pytest.mark.postgres
def test_a_table_made_later_is_given_by_the_migrations(application):
    harden_again(using="default")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE workflow_later (id int)")

        harden_again(using="default")

        cursor.execute(
            "SELECT tableowner, has_table_privilege(%s, tablename, 'INSERT')"
            " FROM pg_tables WHERE tablename = 'workflow_later'",
            [application],
        )
        owner = application.replace("_application", "_owner")
        assert cursor.fetchone() == (owner, True)


@pytest.mark.postgres
def test_migrations_give_nothing_as_long_as_nobody_asked(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_roles")
        before = cursor.fetchone()

        harden_again(using="default")

        cursor.execute("SELECT count(*) FROM pg_roles")
        assert cursor.fetchone() == before
