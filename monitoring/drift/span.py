"""A span of time, from its first moment, included, to its last, excluded."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from credit.errors import InvalidSettings

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Span:
    """From *since* to *until*, in UTC."""

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        if self.since >= self.until:
            raise InvalidSettings(
                f"the time must begin before it ends; it would run from {self.since.isoformat()} "
                f"to {self.until.isoformat()}"
            )

    @property
    def since_us(self) -> int:
        """Microseconds since the epoch."""
        return microseconds(self.since)

    @property
    def until_us(self) -> int:
        return microseconds(self.until)

    @classmethod
    def until_then(cls, until: datetime, days: float) -> "Span":
        """The *days* before *until*."""
        try:
            return cls(until - timedelta(days=days), until)
        except (OverflowError, ValueError) as error:
            raise InvalidSettings(f"there is no time {days:g} days before {until:%Y-%m-%d}") from error

    @property
    def previous(self) -> "Span":
        """The time of the same length before."""
        try:
            return Span(self.since - (self.until - self.since), self.since)
        except OverflowError as error:
            raise InvalidSettings(
                f"as much time as this there was not before {self.since:%Y-%m-%d}"
            ) from error


def microseconds(moment: datetime) -> int:
    """Since the epoch.

    >>> microseconds(datetime(1970, 1, 2, tzinfo=UTC))
    86400000000
    """
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def moment(text: str) -> datetime:
    """The moment that *text* names: a date, or RFC 3339; UTC unless it says otherwise.

    >>> moment("2026-11-24").isoformat(), moment("2026-11-24T10:00:00+01:00").isoformat()
    ('2026-11-24T00:00:00+00:00', '2026-11-24T09:00:00+00:00')
    """
    try:
        named = datetime.fromisoformat(text)
        return (named if named.tzinfo else named.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidSettings(f"{text!r} is no time: write 2026-11-24 or 2026-11-24T10:00:00Z") from error


def duration(text: str) -> timedelta:
    """How long *text* means.

    >>> duration("15m"), duration("1.5h")
    (datetime.timedelta(seconds=900), datetime.timedelta(seconds=5400))
    """
    match = re.fullmatch(r"(\d{1,5}(?:\.\d{1,6})?)([smhd])", text)
    found = timedelta(**{_UNITS[match[2]]: float(match[1])}) if match else timedelta()
    if not found:
        raise InvalidSettings(f"{text!r} is no duration: write 30s, 15m, 6h or 7d")
    return found
