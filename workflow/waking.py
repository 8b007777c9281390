"""Wake a worker once a transaction is committed: a courtesy, never a promise."""

import logging
from collections.abc import Callable

from django.db import transaction

logger = logging.getLogger(__name__)


class Bell:
    """
    Calls a worker to rows that wait for it.

    A sweep finds the rows that no call announced, so a broker that is down is logged
    and otherwise ignored.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.send: Callable[[], None] | None = None

    def answered_by(self, send: Callable[[], None]) -> Callable[[], None]:
        """Register how the worker is called; `workflow.tasks` does."""
        self.send = send
        return send

    def ring(self) -> None:
        """Call a worker, once, when the transaction is committed."""
        connection = transaction.get_connection()
        # One that a savepoint would take away with it does not count.
        reached = set(connection.savepoint_ids)
        if not any(
            call == self._call and reached.issuperset(savepoints)
            for savepoints, call, _ in connection.run_on_commit
        ):
            transaction.on_commit(self._call, robust=True)

    def _call(self) -> None:
        if self.send is None:
            return
        try:
            self.send()
        except Exception:
            logger.warning("%s.wake_up_failed", self.name, exc_info=True)
