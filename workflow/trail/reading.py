"""Read back from the trail of a case what a page tells of it."""

import json
from collections.abc import Iterable
from itertools import pairwise

from workflow.models import Event


def path_of(events: Iterable[Event]) -> list[str]:
    """
    Return the states that a case has left, in order, given all its events in order.

    It is the `path` of a `Focus`, whose `current` is the present state.
    """
    stops = [str(json.loads(event.body)["facts"]["to"]) for event in events]
    return [left for left, entered in pairwise(stops) if left != entered]
