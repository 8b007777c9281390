"""Whatever is torn out, slipped in or put back is found, given a witness."""

import json

from django.db import transaction

from bars.ground import Ground, problems, run, trial
from workflow.trail import canonical, chain

OF_EVENTS = (
    ("workflow_unsealed", "event_id"),
    ("workflow_eventtext", "event_id"),
    ("workflow_signature", "event_id"),
    ("workflow_leaf", "event_id"),
    ("workflow_event", "id"),
)
OF_ENTRIES = (
    ("workflow_unsealedentry", "entry_id"),
    ("workflow_entrytext", "entry_id"),
    ("workflow_leaf", "entry_id"),
    ("workflow_entry", "id"),
)
COPIED = "case_id, case_version, previous_hash, body, hash, kind, move, actor_id, \
principal_id, role, unit_id, at"


def trials(sizes):
    """Attack the trail in each way, then in the one that no verification finds."""
    ground = Ground()
    ground.live(sizes.days)
    assert problems() == []
    for attack in ATTACKS:
        for _ in range(sizes.structures):
            yield _trial(ground, attack)
    for _ in range(sizes.structures):
        yield _sealed_anew_with_the_stolen_key(ground)


def _trial(ground, attack):
    witness = ground.latest_note()
    with trial():
        witness = attack(ground) or witness
        found = problems([witness])
    return "" if found else f"{attack.__name__} is not found"


# One event


def an_event_is_deleted(ground):
    case, seq = _some(ground)
    _delete(OF_EVENTS, _events("case_id = %s AND seq = %s", case, seq))


def an_event_is_inserted(ground):
    case, seq = _some(ground)
    _double(case, seq)
    _chain_again(case, seq)


def an_event_is_duplicated(ground):
    _double(*_some(ground))


def two_events_are_exchanged(ground):
    case, seq = _some(ground)
    one, other = _events("case_id = %s AND seq IN (%s, %s)", case, seq, seq + 1)
    for number, place in ((one, 0), (other, seq), (one, seq + 1)):
        run("UPDATE workflow_event SET seq = %s WHERE id = %s", place, number)


def a_case_is_chained_again(ground):
    """Rewrite what an event says, then all the hashes after it."""
    case, seq = _some(ground)
    _rewrite(case, seq)
    _chain_again(case, seq)


def a_case_is_chained_again_down_to_its_leaves(ground):
    a_case_is_chained_again(ground)
    _hash_leaves_again()


# Many


def a_case_is_dropped(ground):
    case, _ = _some(ground)
    _delete(OF_EVENTS, _events("case_id = %s", case))
    run("DELETE FROM workflow_case WHERE id = %s", case)


def a_day_is_dropped(ground):
    """Drop what one checkpoint added, and number again the leaves that are left."""
    sizes = [0, *(size for [size] in run("SELECT size FROM workflow_checkpoint"))]
    sizes.sort()
    number = ground.chance.randrange(1, len(sizes))
    between = sizes[number - 1], sizes[number]
    _delete(OF_EVENTS, _sealed("event_id", *between))
    _delete(OF_ENTRIES, _sealed("entry_id", *between))
    run("DELETE FROM workflow_leaf WHERE index >= %s AND index < %s", *between)
    run("DELETE FROM workflow_checkpoint WHERE size = %s", between[1])
    run(
        "UPDATE workflow_leaf SET index = index - %s WHERE index >= %s",
        between[1] - between[0],
        between[1],
    )


def entries_of_the_register_are_deleted(ground):
    chosen = run("SELECT id FROM workflow_entry ORDER BY id")
    count = ground.chance.randint(1, 3)
    _delete(OF_ENTRIES, [n for [n] in ground.chance.sample(chosen, count)])


def the_tail_is_cut_off(ground):
    """Forget the end of the log, and of the cases, as if it had never been."""
    sizes = sorted(size for [size] in run("SELECT size FROM workflow_checkpoint"))
    size = ground.chance.choice(sizes[:-1])
    _delete(OF_EVENTS, _sealed("event_id", size, sizes[-1]))
    _delete(OF_ENTRIES, _sealed("entry_id", size, sizes[-1]))
    run("DELETE FROM workflow_leaf WHERE index >= %s", size)
    run("DELETE FROM workflow_checkpoint WHERE size > %s", size)
    run(
        "UPDATE workflow_case SET (latest_seq, latest_hash) = (SELECT seq, hash FROM "
        "workflow_event e WHERE e.case_id = workflow_case.id ORDER BY seq DESC LIMIT 1)"
        " WHERE id IN (SELECT case_id FROM workflow_event)"
    )


def an_old_backup_is_restored(ground):
    """Live one more day, which a witness sees, then go back to the day before."""
    with transaction.atomic():
        ground.day()
        witness = ground.latest_note()
        transaction.set_rollback(True)
    return witness


def an_old_backup_is_restored_and_life_goes_on(ground):
    witness = an_old_backup_is_restored(ground)
    for _ in range(ground.chance.randint(1, 2)):
        ground.day()
    return witness


ATTACKS = (
    an_event_is_deleted,
    an_event_is_inserted,
    an_event_is_duplicated,
    two_events_are_exchanged,
    a_case_is_chained_again,
    a_case_is_chained_again_down_to_its_leaves,
    a_case_is_dropped,
    a_day_is_dropped,
    entries_of_the_register_are_deleted,
    the_tail_is_cut_off,
    an_old_backup_is_restored,
    an_old_backup_is_restored_and_life_goes_on,
)


def _sealed_anew_with_the_stolen_key(ground):
    """Tell whether a past rewritten and signed is found, with a witness and without."""
    witness = ground.latest_note()
    with trial():
        [[size]] = run(
            "SELECT max(size) FROM workflow_checkpoint WHERE size <= "
            "(SELECT max(index) + 1 FROM workflow_leaf WHERE key_id IS NOT NULL)"
        )
        case = ground.chance.choice(_cases_after(size))
        _rewrite(case, 1)
        _chain_again(case, 1)
        _unseal(size)
        ground.seal()
        alone, together = problems(), problems([witness])
    if alone:
        return f"without a witness, a log sealed anew is found: {alone[:2]}"
    return "" if together else "with a witness, a log sealed anew is not found"


def _cases_after(size):
    """Return the cases of which nothing was sealed before a size."""
    found = run(
        "SELECT case_id FROM workflow_event e JOIN workflow_leaf l ON l.event_id = e.id"
        " GROUP BY case_id HAVING min(index) >= %s ORDER BY case_id",
        size,
    )
    return [case for [case] in found]


def _unseal(size):
    """Have all that was sealed after a size wait again."""
    for queue, column in (
        ("workflow_unsealed", "event_id"),
        ("workflow_unsealedentry", "entry_id"),
    ):
        run(
            f"INSERT INTO {queue} SELECT {column} FROM workflow_leaf "  # noqa: S608
            f"WHERE index >= %s AND {column} IS NOT NULL",
            size,
        )
    run("DELETE FROM workflow_leaf WHERE index >= %s", size)
    run("DELETE FROM workflow_checkpoint WHERE size > %s", size)


# The hands of an intruder


def _some(ground):
    """Choose a case, and an event of it that is not the last."""
    cases = run("SELECT id, latest_seq FROM workflow_case WHERE latest_seq > 1")
    case, latest = ground.chance.choice(sorted(cases))
    return case, ground.chance.randrange(1, latest)


def _events(where, *parameters):
    found = run(
        f"SELECT id FROM workflow_event WHERE {where} ORDER BY seq",  # noqa: S608
        *parameters,
    )
    return [number for [number] in found]


def _sealed(column, first, end):
    found = run(
        f"SELECT {column} FROM workflow_leaf "  # noqa: S608
        f"WHERE index >= %s AND index < %s AND {column} IS NOT NULL",
        *(first, end),
    )
    return [number for [number] in found]


def _delete(tables, numbers):
    for table, column in tables:
        run(f"DELETE FROM {table} WHERE {column} = ANY(%s)", numbers)  # noqa: S608


def _double(case, seq):
    """Copy an event after itself, and give way to it."""
    for up in (1_000, -999):
        run(
            "UPDATE workflow_event SET seq = seq + %s WHERE case_id = %s AND seq > %s",
            *(up, case, seq),
        )
    run(
        f"INSERT INTO workflow_event (seq, {COPIED}) SELECT seq + 1, {COPIED} "  # noqa: S608
        "FROM workflow_event WHERE case_id = %s AND seq = %s",
        *(case, seq),
    )


def _rewrite(case, seq):
    """Change what an event says, where no column repeats it."""
    run(
        "UPDATE workflow_event SET body = replace(body, %s, %s) "
        "WHERE case_id = %s AND seq = %s",
        *('"software":"', '"software":"9', case, seq),
    )


def _chain_again(case, first):
    """Compute anew the hashes of a case from one event on, and its head."""
    events = run(
        "SELECT id, seq, body, hash FROM workflow_event WHERE case_id = %s "
        "ORDER BY seq",
        case,
    )
    head = b""
    for number, seq, body, hashed in events:
        if seq < first:
            head = bytes(hashed)
            continue
        body = canonical.text_of({**json.loads(body), "seq": seq})
        previous, head = head, chain.link(head, body)
        run(
            "UPDATE workflow_event SET body = %s, previous_hash = %s, hash = %s "
            "WHERE id = %s",
            *(body, previous, head, number),
        )
    run(
        "UPDATE workflow_case SET latest_seq = %s, latest_hash = %s WHERE id = %s",
        *(len(events), head, case),
    )


def _hash_leaves_again():
    run(
        "UPDATE workflow_leaf SET hash = e.hash FROM workflow_event e "
        "WHERE e.id = workflow_leaf.event_id"
    )
