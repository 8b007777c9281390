"""Fill the tables with tasks by the million, in a few statements of PostgreSQL."""

import datetime

from django.db import connection

from erbm.operations.models import Operation
from workflow.calendars import worked_between
from workflow.models import Case, Task

TASKS_PER_CASE = 10  # one is open, the others are done
UNITS = 60
FIRST = datetime.date(2026, 1, 1)
PEOPLE = 200  # who did what is done
LARGE = 5  # one task in five is asked of the first unit

UNITS_AND_PLACES = """
INSERT INTO workflow_unit (code, name, short_name, email, is_active)
SELECT 'bench-' || n, 'Unit ' || n, 'U' || n, '', true
FROM generate_series(1, %(units)s) n;
INSERT INTO workflow_jurisdiction (code, name)
SELECT 'bench-' || n, 'Jurisdiction ' || n FROM generate_series(1, 4) n
"""
# From task `low` to task `high`. The row n is asked of the unit of its rank, in the
# role that this unit plays; one in ten is open, one open in three is claimed.
TASKS = """
CREATE TEMP TABLE unit AS
SELECT row_number() OVER (ORDER BY id) AS rank, id FROM workflow_unit
WHERE code LIKE 'bench-%%';
CREATE TEMP TABLE place AS
SELECT row_number() OVER (ORDER BY id) AS rank, id FROM workflow_jurisdiction
WHERE code LIKE 'bench-%%';
CREATE TEMP TABLE worked AS
SELECT day::date, passed
FROM unnest(%(days)s::date[], %(passed)s::int[]) AS days (day, passed);
ALTER TABLE worked ADD PRIMARY KEY (day);
CREATE TEMP TABLE numbered AS
SELECT n, n / %(per_case)s AS c,
    CASE WHEN (n / %(per_case)s + n) %% %(large)s = 0 THEN 1
        ELSE 2 + n / %(per_case)s %% (%(units)s - 1) END AS u,
    n %% %(per_case)s = 0 AS is_open,
    timestamptz '2026-01-01'
        + (n::bigint * 7919 %% 31536000) * interval '1 second' AS at
FROM generate_series(%(low)s, %(high)s - 1) n;
INSERT INTO workflow_case (id, process, process_version, reference, title, state,
    returns_to, stage, version, jurisdiction_id, awaits_signatures, amount_cents,
    priority, opened_at, opened_by_id, changed_at, latest_seq, latest_hash,
    has_conflicts)
SELECT 1000000 + c, 'loan', 1, 'B-' || c, 'Livre ' || c, 'asked', '', 'desk', 1,
    place.id, false, 0, 3, at, %(user)s, at, 0, '', false
FROM numbered JOIN place ON place.rank = 1 + c %% 4 WHERE is_open;
INSERT INTO workflow_journey (case_id, flow_class, status, created)
SELECT 1000000 + c, 'library/journey.LoanFlow', 'NEW', at FROM numbered WHERE is_open;
INSERT INTO workflow_task (flow_task, flow_task_type, token, process_id, case_id,
    status, created, finished, worked_days, assigned, owner_id, completed_by_id,
    completed_move,
    unit_id, role, kind, step, label, stage, reference, subject, jurisdiction_id,
    amount_cents, priority, due_at, original_due_at, sort_at)
SELECT 'library/journey.LoanFlow.desk', 'HUMAN', 'start', 1000000 + c, 1000000 + c,
    CASE WHEN NOT is_open THEN 'DONE' WHEN n %% 3 = 0 THEN 'ASSIGNED' ELSE 'NEW' END,
    at, CASE WHEN NOT is_open THEN at + wait END,
    CASE WHEN NOT is_open THEN (
        SELECT passed FROM worked
        WHERE day = ((at + wait) AT TIME ZONE 'Europe/Paris')::date
    ) - (SELECT passed FROM worked WHERE day = (at AT TIME ZONE 'Europe/Paris')::date)
    END,
    CASE WHEN is_open AND n %% 3 = 0 THEN at END,
    CASE WHEN is_open AND n %% 3 = 0 THEN %(user)s + c %% %(people)s END,
    CASE WHEN NOT is_open THEN %(user)s + n / 2 %% %(people)s END,
    CASE WHEN NOT is_open THEN 'lend' ELSE '' END, unit.id,
    'role' || u %% 3, 'loan', 'step' || n %% %(per_case)s, 'Répondre à la demande',
    'desk', 'B-' || c, 'Livre ' || c, place.id, n::bigint * 7919 %% 1000003,
    1 + n %% 7919 %% 4, due, due,
    coalesce(due, '9999-12-31')
FROM numbered
JOIN unit ON unit.rank = u
JOIN place ON place.rank = 1 + c %% 4
CROSS JOIN LATERAL (SELECT CASE WHEN n %% 20 < 10 THEN at END AS due,
    (1 + n %% 30) * interval '1 day' AS wait) clock;
INSERT INTO workflow_party (case_id, role, unit_id)
SELECT DISTINCT 1000000 + c, 'role' || u %% 3, unit.id
FROM numbered JOIN unit ON unit.rank = u;
DROP TABLE unit, place, worked, numbered
"""
STOCK = """
INSERT INTO viewflow_process (id, flow_class, status, created, data)
SELECT 1000000 + n, 'bench/stock.StockFlow', 'NEW', now(), '{}'
FROM generate_series(%(low)s / %(per_case)s, %(high)s / %(per_case)s - 1) n;
INSERT INTO viewflow_task (process_id, flow_task, flow_task_type, status, created,
    finished, token, owner_id, owner_permission, data)
SELECT 1000000 + n / %(per_case)s, 'bench/stock.StockFlow.desk', 'HUMAN',
    CASE WHEN n %% %(per_case)s > 0 THEN 'DONE' ELSE 'NEW' END,
    timestamptz '2026-01-01' + (n::bigint * 7919 %% 31536000) * interval '1 second',
    CASE WHEN n %% %(per_case)s > 0 THEN now() END, 'start',
    CASE WHEN n %% %(per_case)s > 0 THEN %(user)s + n / 2 %% %(people)s END,
    CASE WHEN (n / %(per_case)s + n) %% %(large)s = 0 THEN %(permission)s
        ELSE 'bench.other' END, '{}'
FROM generate_series(%(low)s, %(high)s - 1) n
"""
TABLES = (
    *("workflow_case", "workflow_journey", "workflow_task", "workflow_party"),
    *("viewflow_process", "viewflow_task"),
)


def add_units():
    """Write the units and the jurisdictions that the tasks are spread over."""
    with connection.cursor() as cursor:
        for model in (Case, Task, Operation):
            _know_defaults(cursor, model._meta)
        cursor.execute(UNITS_AND_PLACES, {"units": UNITS})


def _know_defaults(cursor, table):
    """Have the database give what the ORM gives, so that INSERT may be brief."""
    for field in table.local_concrete_fields:
        if field.null or field.primary_key:
            continue
        value = field.get_default()
        if value is not None:
            stored = field.get_db_prep_save(value, connection)
            literal = connection.ops.compose_sql("%s", [stored])
            cursor.execute(
                f"ALTER TABLE {table.db_table} "
                f"ALTER COLUMN {field.column} SET DEFAULT {literal}"
            )


def _worked_days():
    """Return how many worked days have passed, on each day of the tasks."""
    days = [FIRST + datetime.timedelta(days=number) for number in range(2 * 365)]
    return {"days": days, "passed": [worked_between(FIRST, day) for day in days]}


def add_tasks(low, high, *, user, permission):
    """Write the tasks from `low` to `high`, and as many for stock viewflow."""
    values = {
        "low": low,
        "high": high,
        "units": UNITS,
        "large": LARGE,
        "per_case": TASKS_PER_CASE,
        "people": PEOPLE,
        "user": user.pk,
        "permission": permission,
        **_worked_days(),
    }
    with connection.cursor() as cursor:
        # The rows are right by construction: their keys need not be looked up.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(TASKS, values)
        cursor.execute(STOCK, values)
        cursor.execute("RESET session_replication_role")
        # What autovacuum would have done, had it been given the time.
        cursor.execute(f"VACUUM ANALYZE {', '.join(TABLES)}")
