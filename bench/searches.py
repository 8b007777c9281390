"""The first page of a search among many operations, and how many it finds."""

import statistics
from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db import connection

from bench.inboxes import AT, PAGE, REPEATS, timed
from erbm.desk.queries import operations
from flows.rehabilitation.lifecycle import PROCESS
from flows.roles import Role
from workflow import paging
from workflow.models import Membership, Unit
from workflow.standing import memberships_of

SEARCHES = {
    "a reference": "R-2026-0123456",
    "two words, some found": "quartier47 ville12",
    "a rare word, from its beginning": "quartier9",
    "a word that all hold": "cite",
    "a word that none holds": "introuvable",
}
# Sixty units carry them, of which the first has a fifth.
FILL = """
INSERT INTO workflow_case (id, process, process_version, reference, title, state,
    returns_to, stage, version, jurisdiction_id, amount_cents, opened_at, opened_by_id,
    changed_at, latest_seq, latest_hash)
SELECT 10000000 + n, %(process)s, %(version)s, 'R-2026-' || lpad(n::text, 7, '0'),
    'Cité ' || n, %(state)s, '', 'proposal', 1,
    (SELECT min(id) FROM workflow_jurisdiction) + n %% 4, n, at, %(user)s, at, 0, ''
FROM (SELECT n, timestamptz '2026-01-01'
    + (n::bigint * 7919 %% 31536000) * interval '1 second' AS at
    FROM generate_series(1, %(count)s) n) numbered;
INSERT INTO operations_operation (case_id, kind, owner_id, search_text)
SELECT 10000000 + n, 'rehabilitation', unit.id, 'r 2026 ' || lpad(n::text, 7, '0')
    || ' rehabilitation de la cite quartier' || n %% 997 || ' bailleur' || unit.rank
    || ' ville' || n %% 151
FROM generate_series(1, %(count)s) n
JOIN (SELECT row_number() OVER (ORDER BY id) AS rank, id FROM workflow_unit
    WHERE code LIKE 'bench-%%') unit
    ON unit.rank = CASE WHEN n %% 5 = 0 THEN 1 ELSE 2 + n %% 59 END;
INSERT INTO workflow_party (case_id, role, unit_id)
SELECT case_id, %(role)s, owner_id FROM operations_operation
WHERE case_id > 10000000
"""
TABLES = "workflow_case, operations_operation, workflow_party"


@dataclass(frozen=True)
class Reading:
    """What one search costs in SQL, for one person."""

    who: str
    what: str
    found: int
    seconds: float


def measure(count):
    """Write operations, and search among them as who may know of all or of some."""
    people = _people()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            FILL,
            {
                "process": PROCESS.name,
                "version": PROCESS.version,
                "state": str(PROCESS.initial),
                "role": Role.OWNER,
                "user": people["a member of one unit"].pk,
                "count": count,
            },
        )
        cursor.execute("RESET session_replication_role")
        cursor.execute(f"VACUUM ANALYZE {TABLES}")
    return [
        _read(who, user, what, text)
        for who, user in people.items()
        for what, text in SEARCHES.items()
    ]


def _people():
    reader, member = get_user_model().objects.bulk_create(
        get_user_model()(email=f"{name}@bench.example") for name in ("reads", "carries")
    )
    units = Unit.objects.filter(code__startswith="bench-").order_by("id")
    powers = ((reader, Role.PROJECT_DIRECTOR, 0), (member, Role.OWNER, 7))
    Membership.objects.bulk_create(
        Membership(user=user, unit=units[rank], role=role, starts_on=AT.date())
        for user, role, rank in powers
    )
    return {"a reader of everything": reader, "a member of one unit": member}


def _read(who, user, what, text):
    times = []
    for _ in range(REPEATS // 5):
        with timed() as statements:
            found = _first_page(user, text)
        times.append(sum(seconds for seconds, *_ in statements))
    return Reading(who, what, found, statistics.median(times))


def _first_page(user, text):
    """Read what the list reads: the first page of a search, and how many it finds."""
    memberships = memberships_of(user, AT.date())
    found = operations.known(memberships, {"q": text}, AT)
    listed, sorting = operations.sorted_for(found, {"q": text})
    paging.read(listed.with_facts(), sorting.order, size=PAGE)
    return paging.count(found)
