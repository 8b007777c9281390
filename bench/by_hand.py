"""The statements of one decision, written by hand for PostgreSQL."""

LEND = (
    """SELECT c.version, c.state, c.latest_seq, c.latest_hash, l.book, l.days, l.due_on
       FROM workflow_case c JOIN library_loan l ON l.case_id = c.id
       WHERE c.id = %(case)s FOR UPDATE OF c""",
    """SELECT m.role, m.jurisdiction_id, u.id, u.code, u.name
       FROM workflow_membership m JOIN workflow_unit u ON u.id = m.unit_id
       WHERE m.user_id = %(user)s AND m.starts_on <= %(on)s
       AND (m.ends_on IS NULL OR m.ends_on >= %(on)s) AND u.is_active""",
    """SELECT p.role, u.id, u.code, u.name
       FROM workflow_party p JOIN workflow_unit u ON u.id = p.unit_id
       WHERE p.case_id = %(case)s""",
    """SELECT id, step, role, unit_id, owner_id, held_at, due_at, process_id
       FROM workflow_task WHERE case_id = %(case)s AND finished IS NULL""",
    """SELECT move FROM workflow_event
       WHERE case_id = %(case)s AND actor_id = %(user)s AND move = 'ask'""",
    """INSERT INTO workflow_event (case_id, seq, case_version, previous_hash, body,
       hash, kind, move, actor_id, role, unit_id, at, request_key)
       VALUES (%(case)s, 3, 3, %(previous)s, %(body)s, %(hash)s, 'move', 'lend',
       %(user)s, 'librarian', %(unit)s, %(at)s, %(key)s) RETURNING id""",
    """INSERT INTO workflow_eventtext (event_id, salt, text)
       VALUES (%(event)s, %(salt)s, %(text)s)""",
    """UPDATE workflow_case SET state = 'lent', stage = 'home', version = 3,
       changed_at = %(at)s, latest_seq = 3, latest_hash = %(hash)s
       WHERE id = %(case)s""",
    "UPDATE library_loan SET due_on = %(until)s WHERE case_id = %(case)s",
    """UPDATE workflow_task SET status = 'DONE', finished = %(at)s,
       completed_by_id = %(user)s, completed_move = 'lend', worked_days = 0,
       next_ring_at = NULL WHERE id = %(task)s""",
    """INSERT INTO workflow_task (flow_task, flow_task_type, token, process_id, status,
       created, case_id, unit_id, role, kind, step, label, stage, reference, subject,
       jurisdiction_id, amount_cents, priority, sort_at, completed_move)
       VALUES ('library/journey.LoanFlow.home', 'HUMAN', 'start', %(journey)s, 'NEW',
       %(at)s, %(case)s, %(reader)s, 'reader', 'loan', 'home', 'Rendre le livre',
       'home', %(reference)s, %(title)s, %(jurisdiction)s, 0, 3,
       '9999-12-31 00:00:00+00', '')""",
    """INSERT INTO workflow_message (event_id, listener, key, due_at, attempts,
       latest_error) VALUES (%(event)s, 'bench.rivals.tell',
       %(event)s || '.bench.rivals.tell', %(at)s, 0, '')""",
)
