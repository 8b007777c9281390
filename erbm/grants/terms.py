"""What the rules of a scheme make of the days and amounts of a grant: sums, no row.

Three regimes with clocks of their own: the grants of the CGCT, the decree n° 2018-514,
the aids of the CCH. What a rule leaves empty is bounded by no text that was found.
"""

import datetime

from erbm.programme.models import FinishFrom, Regime, SchemeRule, Silence
from workflow.deadlines import Months

WHOLE = 10_000
"""A rate of one hundred per cent, in hundredths of one per cent."""

STATE = frozenset({Regime.CGCT, Regime.DECREE, Regime.CCH})
"""The regimes under which the State pays, from an envelope and through Chorus."""

Day = datetime.date


def is_state(rule: SchemeRule) -> bool:
    return rule.regime in STATE


def completeness_due(rule: SchemeRule, received_on: Day) -> Day | None:
    """Return the last day to ask for documents. (R. 2334-23; decree, art. 4.)"""
    return _after(rule.completeness_months, received_on)


def is_deemed_complete(rule: SchemeRule) -> bool:
    """Tell whether an application is complete when that day has passed in silence."""
    return rule.completeness_silence == Silence.DEEMED_COMPLETE


def decision_due(rule: SchemeRule, received_on: Day) -> Day | None:
    """Return the day from which silence means something. (Decree, art. 7; L. 231-4.)"""
    return _after(rule.decision_months, received_on)


def silence_rejects(rule: SchemeRule) -> bool:
    """Tell whether it may be recorded as a rejection, or is a warning only."""
    return rule.decision_silence == Silence.REFUSAL_PROPOSED


def earliest_start(
    rule: SchemeRule, received_on: Day, signed_on: Day | None
) -> Day | None:
    """
    Return the first day on which works may begin.

    The receipt of the application for the CGCT (R. 2334-24) and the decree (art. 5),
    the award for the aids of the CCH.
    """
    return received_on if rule.starts_after_receipt else signed_on


def first_deadline(
    rule: SchemeRule, notified_on: Day, planned: Day | None
) -> Day | None:
    """
    Return what runs from the notification: the delay to start, or to finish.

    Two years to start (R. 2334-28; decree, art. 11); for the CCH, which asks for no
    start within a delay, two years to finish.
    """
    return _after(rule.start_months, notified_on) or finish_due(
        rule, notified_on, None, planned
    )


def finish_due(
    rule: SchemeRule, notified_on: Day, started_on: Day | None, planned: Day | None
) -> Day | None:
    """
    Return the last day to finish.

    Four years from the declared start (R. 2334-29), two from the notification (CCH), or
    the day that the act gives when the rule counts no months (decree, art. 8).
    """
    if rule.finish_from == FinishFrom.NOTIFICATION:
        return _after(rule.finish_months, notified_on)
    if rule.finish_months is None:
        return planned
    return _after(rule.finish_months, started_on) if started_on else None


def latest_extension(rule: SchemeRule, deadline: Day, *, to_start: bool) -> Day | None:
    """Return how far a delay may be extended, if a text bounds it."""
    months = rule.start_extension_months if to_start else rule.finish_extension_months
    return _after(months, deadline)


def counts_a_start(rule: SchemeRule) -> bool:
    """Tell whether a delay to start runs before that to finish."""
    return rule.start_months is not None


def balance_due(rule: SchemeRule, completed_on: Day) -> Day | None:
    """Return the last day to ask for the balance. (CCH, art. D. 323-9.)"""
    return _after(rule.balance_months, completed_on)


def share(rate: int, cents: int) -> int:
    """Return what a rate, in hundredths of one per cent, makes of an amount."""
    return cents * rate // WHOLE


def balance_of(rate: int, award_cents: int, real_cost_cents: int) -> int:
    """Return the whole of what is owed: the rate of the real cost, within the award."""
    return min(award_cents, share(rate, real_cost_cents))


def most_in_advance(rule: SchemeRule, award_cents: int) -> int:
    """Return the largest advance. (R. 2334-30; decree, art. 12; none in the CCH.)"""
    if rule.regime == Regime.CCH:
        return 0
    return _percent(rule.advance_percent, award_cents)


def most_before_balance(rule: SchemeRule, award_cents: int, *, months: int) -> int:
    """Return what advance and instalments may come to, of works of so many months."""
    after, longer = rule.long_after_months, rule.long_instalments_percent
    is_long = after is not None and longer is not None and months > after
    percent = longer if is_long else rule.instalments_percent
    return _percent(percent, award_cents)


def most_at_first(rule: SchemeRule, award_cents: int) -> int:
    """Return the largest first instalment. (CCH, art. D. 323-9.)"""
    return _percent(rule.first_instalment_percent, award_cents)


def months_between(start: Day, end: Day) -> int:
    """Return how many months, begun or whole, there are between two days."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months + (end.day > start.day)


def _percent(percent: int | None, cents: int) -> int:
    return cents if percent is None else cents * percent // 100


def _after(months: int | None, day: Day) -> Day | None:
    return None if months is None else Months(months).after(day)
