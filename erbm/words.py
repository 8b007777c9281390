"""How amounts, days and delays are written in French."""

import datetime
import re
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from django.utils import formats, timezone

NARROW = "\N{NARROW NO-BREAK SPACE}"
FIXED = "\N{NO-BREAK SPACE}"
# From this many cents on, an amount is shortened to this unit.
SCALES = ((10**11, "Md€"), (10**8, "M€"), (10**5, "k€"))


def money(cents: int) -> str:
    """Write an amount in full, to the cent."""
    return _number(Decimal(cents) / 100, places=2) + f"{FIXED}€"


def short_money(cents: int) -> str:
    """Write an amount with three significant digits, for tables and charts."""
    for scale, unit in SCALES:
        if abs(cents) >= scale:
            return f"{_three_digits(Decimal(cents) / scale)}{FIXED}{unit}"
    return _number(Decimal(cents) / 100, places=0) + f"{FIXED}€"


def count(number: int) -> str:
    """Write a whole number."""
    return _number(Decimal(number), places=0)


def percent(part: Fraction) -> str:
    """Write a part of a whole, to a tenth of a hundredth."""
    tenths = round(part * 1000)
    written = _number(Decimal(tenths) / 10, places=1).removesuffix(",0")
    return f"{written}{NARROW}%"


def day(value: datetime.date) -> str:
    """Write a day, or the day of a moment, in full."""
    value = _day_of(value)
    number = "1er" if value.day == 1 else str(value.day)
    return f"{number}{FIXED}{formats.date_format(value, 'F')} {value.year}"


def moment(value: datetime.datetime) -> str:
    """Write a moment to the minute, as the clocks of Paris show it."""
    local = timezone.localtime(value)
    return f"{day(local)} à {local.hour}{FIXED}h{FIXED}{local.minute:02d}"


def delay(value: datetime.date, today: datetime.date) -> str:
    """Write how far a due day is from today."""
    days = days_left(value, today)
    match days:
        case 0:
            return "aujourd’hui"
        case 1:
            return "demain"
        case -1:
            return "en retard d’un jour"
    if days < 0:
        return f"en retard de {count(-days)}{FIXED}jours"
    return f"dans {count(days)}{FIXED}jours"


def typeset(text: str) -> str:
    """Keep French punctuation on the line of the word that it follows."""
    return re.sub(r" (?=[?;:!»%€])|(?<=«) ", FIXED, text)


def days_left(value: datetime.date, today: datetime.date) -> int:
    """Count the calendar days from today to a due day: below zero, it is late."""
    return (_day_of(value) - today).days


def _day_of(value: datetime.date) -> datetime.date:
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value).date()
    return value


def _number(value: Decimal, *, places: int) -> str:
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return f"{rounded:,}".replace(",", NARROW).replace(".", ",")


def _three_digits(value: Decimal) -> str:
    places = max(0, 2 - abs(value).adjusted())
    written = _number(value, places=places)
    return written.rstrip("0").rstrip(",") if "," in written else written
