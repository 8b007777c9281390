"""Check that the guards of the trail stand in the database, as this version made them.

Who owns the tables can take a guard down, write, and put it up again: nothing shows
it here. Who leaves it down, or changes it, is named.
"""

import hashlib
from collections.abc import Iterator, Mapping

from django.db import connection

ALWAYS = "A"  # armed, even in a session that plays a replica
KEPT = (
    "workflow_event",
    "workflow_eventtext",
    "workflow_signature",
    "workflow_entry",
    "workflow_entrytext",
    "workflow_leaf",
    "workflow_checkpoint",
    "workflow_sealingkey",
)
# What each is made of, hashed: a migration that changes one says it here.
POSTGRESQL: Mapping[str, str] = {
    "workflow_checkpoint.workflow_checkpoint_delete_refused": "0b4fc10f86ae00c51cd9",
    "workflow_checkpoint.workflow_checkpoint_truncate_refused": "cb27a0cba42fad18f753",
    "workflow_checkpoint.workflow_checkpoint_update_refused": "6a7541ab441efe202b98",
    "workflow_entry.entry_is_not_changed": "932c23904a24c398b594",
    "workflow_entry.entry_is_not_deleted": "29c8ead6e5675eaf31fe",
    "workflow_entry.entry_is_not_emptied": "c4628028e0b578e71155",
    "workflow_entry.entry_is_whole": "a8011dee1fa2bc1b3eab",
    "workflow_entry.entry_waits": "4354779fe0eb23715f4f",
    "workflow_entrytext.entrytext_is_not_deleted": "5143ddaa88c09305895e",
    "workflow_entrytext.entrytext_is_not_emptied": "7a9787b57bf67e735612",
    "workflow_entrytext.entrytext_is_only_erased": "13a785833478f475a6f5",
    "workflow_event.event_is_next": "af13d01a1a82f7a5607c",
    "workflow_event.event_is_not_changed": "d846237707f26daeb26a",
    "workflow_event.event_is_not_deleted": "a0251824e4ad4613e8b9",
    "workflow_event.event_is_not_emptied": "ed94c94864f884bcc2ab",
    "workflow_event.event_waits": "754db9083eebd58b26ff",
    "workflow_eventtext.text_is_not_deleted": "4cd0c80b33a217ecfcd6",
    "workflow_eventtext.text_is_not_emptied": "1febd0f7a622ed620735",
    "workflow_eventtext.text_is_only_erased": "4d66b4be33225955d773",
    "workflow_leaf.leaf_is_next": "62d712ae7213116d81b5",
    "workflow_leaf.workflow_leaf_delete_refused": "85f00784c6322e91867e",
    "workflow_leaf.workflow_leaf_truncate_refused": "208c9beceb78ecdcb12c",
    "workflow_leaf.workflow_leaf_update_refused": "a72fa4e455ea24f9bbd4",
    "workflow_sealingkey.workflow_sealingkey_delete_refused": "49b99219f701976046b7",
    "workflow_sealingkey.workflow_sealingkey_truncate_refused": "c7dd7a82ff851d369060",
    "workflow_sealingkey.workflow_sealingkey_update_refused": "43c9d7fd9a00b3f6bfcb",
    "workflow_signature.signature_is_not_deleted": "a793cd408a735b86a044",
    "workflow_signature.signature_is_not_emptied": "4821512530920aa32997",
    "workflow_signature.signature_stays": "2bd0323a48bc6300dbaa",
}
SQLITE: Mapping[str, str] = {
    "workflow_checkpoint.workflow_checkpoint_delete_refused": "a5eec559904bdf3acd92",
    "workflow_checkpoint.workflow_checkpoint_update_refused": "2a6800217eb739e42ab3",
    "workflow_entry.entry_is_not_changed": "c58b839f5ae67d659fdb",
    "workflow_entry.entry_is_not_deleted": "36b0defe6b54ebe53ad7",
    "workflow_entry.entry_waits": "58f45215c1a63c7d6a40",
    "workflow_entrytext.entrytext_is_not_deleted": "d7290975aced2213758d",
    "workflow_entrytext.entrytext_is_only_erased": "1d671a7cef480b12b24a",
    "workflow_event.event_is_next": "a0cada7cf07061a2f5ea",
    "workflow_event.event_is_not_changed": "1f26ca944d199078c54f",
    "workflow_event.event_is_not_deleted": "f8e8e4a53e3ec368be3c",
    "workflow_event.event_waits": "a84ac246d8c0027ef4b7",
    "workflow_eventtext.text_is_not_deleted": "8845b75070d35ff3adb8",
    "workflow_eventtext.text_is_only_erased": "01e04ae3d080017814ac",
    "workflow_leaf.leaf_is_next": "7264e15e47527805fa5b",
    "workflow_leaf.workflow_leaf_delete_refused": "99e5547203493b51dcbc",
    "workflow_leaf.workflow_leaf_update_refused": "f1becb55667f78b74edf",
    "workflow_sealingkey.workflow_sealingkey_delete_refused": "f92b4833f0425403b66a",
    "workflow_sealingkey.workflow_sealingkey_update_refused": "0a8c68f869bf1b3805ef",
    "workflow_signature.signature_is_not_deleted": "ad19d976efd3ce2d7d4e",
    "workflow_signature.signature_stays": "ff6e60568af223d5bb3d",
}

TRIGGERS = """
SELECT relname || '.' || tgname, tgenabled::text,
    pg_get_triggerdef(pg_trigger.oid, true) || prosecdef || prosrc
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace
    AND relname = ANY(%s)
UNION ALL
SELECT tablename || '.' || rulename, '', definition FROM pg_rules
WHERE schemaname = current_schema() AND tablename = ANY(%s)
ORDER BY 1
"""
ON_SQLITE = """
SELECT tbl_name || '.' || name, 'A', sql FROM sqlite_master
WHERE type = 'trigger' ORDER BY 1
"""


def problems() -> Iterator[str]:
    """Name each guard that misses, is disarmed or changed, and each one too many."""
    expected = POSTGRESQL if connection.vendor == "postgresql" else SQLITE
    found = standing()
    for name in sorted(expected.keys() | found.keys()):
        table, _, guard = name.partition(".")
        state, made_of = found.get(name, ("", ""))
        if name not in found:
            yield f"{table} : le garde {guard} manque."
        elif name not in expected:
            yield f"{table} : {guard} n’est pas un garde de cette version."
        elif state != ALWAYS:
            yield f"{table} : le garde {guard} est désarmé."
        elif made_of != expected[name]:
            yield f"{table} : le garde {guard} n’est plus celui de cette version."


def standing() -> dict[str, tuple[str, str]]:
    """Return the guards of the kept tables: how they are armed, what they are made of.

    Those of SQLite are all its triggers: it has no others.
    """
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(TRIGGERS, [[*KEPT], [*KEPT]])
        else:
            cursor.execute(ON_SQLITE)
        rows = cursor.fetchall()
    return {name: (state, _digest(source)) for name, state, source in rows}


def _digest(source: str) -> str:
    return hashlib.sha256(" ".join(source.split()).encode()).hexdigest()[:20]
