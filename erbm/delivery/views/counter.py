"""The counter of the dwellings of the programme, at any moment."""

import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from erbm.delivery import figures
from erbm.delivery.forms import CounterFilters
from erbm.delivery.queries import Counter
from erbm.held import held_by
from erbm.lists import Address
from workflow.deadlines import end_of


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    filters = CounterFilters(request.GET)
    counter = Counter(held_by(request, timezone.localdate(now)), _moment(filters, now))
    dimension = filters.said.get("par") or next(iter(figures.DIMENSIONS))
    context = {
        "filters": filters,
        "chosen": filters.chosen(Address(request.path, filters.params)),
        "reset_url": request.path,
        "counter": counter,
        "at": counter.at,
        "target": figures.TARGET,
        "target_source": figures.TARGET_SOURCE,
        "target_date": figures.TARGET_DATE,
        "dimension": figures.DIMENSIONS[dimension][0],
        "rows": counter.by(dimension),
        "picture_by": counter.picture_by(dimension),
    }
    return render(request, "delivery/counter.html", context)


def _moment(filters: CounterFilters, now: datetime.datetime) -> datetime.datetime:
    """Return the end of the day that is asked for, never later than now."""
    day = filters.said.get("au")
    return min(end_of(day), now) if day else now
