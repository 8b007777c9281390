"""Turn a database's address into Django's settings for it."""

from typing import Any

import environ

# Django's defaults let two writers deadlock on upgrade from reader to writer, and
# let INSERT OR REPLACE slip past the triggers that protect the trail.
SQLITE = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
        "PRAGMA recursive_triggers=ON;"
    ),
}
# A decision waits for its case's row, but not for ever. To compile a statement costs
# more than any of ours takes; to start other processes, more than most of them do. And
# PostgreSQL supposes disks that turn: on others a row costs little more than its next.
POSTGRESQL = {
    "options": (
        "-c lock_timeout=5000 -c jit=off -c parallel_setup_cost=10000 "
        "-c random_page_cost=1.1"
    )
}


def database(url: str) -> dict[str, Any]:
    """Describe the database at this address, and keep its connections for a minute."""
    config: dict[str, Any] = environ.Env.db_url_config(url)
    tuning = SQLITE if config["ENGINE"].endswith("sqlite3") else POSTGRESQL
    return config | {
        "OPTIONS": tuning | config.get("OPTIONS", {}),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
