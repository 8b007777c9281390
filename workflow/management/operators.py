"""Who runs a command, as far as the machine knows: kept apart, like any name."""

import getpass
import socket


def operator() -> dict[str, str]:
    """Return the account of the machine, for the texts of an entry of the register."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # an account that has a number only
        name = "?"
    return {"operator": f"{name}@{socket.gethostname()}"}
