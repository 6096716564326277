"""The hours, since the epoch and in UTC, that rollups count by."""

from dataclasses import dataclass
from datetime import UTC, datetime

HOUR_US = 3_600_000_000
DAY = 24
SPANS = (1, DAY)
"""Hours that a row of the rollups sums up."""


def hour_of(microseconds: int) -> int:
    """The hour that a time lies in.

    >>> hour_of(3_600_000_000 - 1), hour_of(3_600_000_000)
    (0, 1)
    """
    return microseconds // HOUR_US


def microseconds_of(moment: datetime) -> int:
    """Microseconds since the epoch.

    >>> microseconds_of(datetime(1970, 1, 1, 0, 0, 1, 5, UTC))
    1000005
    """
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def moment_of(microseconds: int) -> datetime:
    """The time that lies *microseconds* after the epoch, in UTC."""
    seconds, rest = divmod(microseconds, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)


def written(microseconds: int) -> str:
    """A time in RFC 3339.

    >>> written(1_790_000_000_000_001)
    '2026-09-21T14:13:20.000001Z'
    """
    return moment_of(microseconds).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


@dataclass(frozen=True, slots=True)
class Hours:
    """Whole hours from *first* up to, and without, *end*; of all time by default."""

    first: int = 0
    end: int = DAY << 36

    def parts(self) -> list[tuple[int, int, int]]:
        """The rows that add up to these hours: span, first and end; whole days where there are any.

        >>> Hours(20, 75).parts()
        [(1, 20, 24), (24, 24, 72), (1, 72, 75)]
        >>> Hours(3, 5).parts()
        [(1, 3, 5)]
        """
        first_day, end_day = -(-self.first // DAY) * DAY, self.end // DAY * DAY
        if first_day >= end_day:
            return [(1, self.first, self.end)]
        parts = [(1, self.first, first_day), (DAY, first_day, end_day), (1, end_day, self.end)]
        return [part for part in parts if part[1] < part[2]]

    @classmethod
    def around(cls, since: datetime | None, until: datetime | None) -> "Hours":
        """The hours that hold the time from *since* up to *until*.

        >>> noon = datetime(1970, 1, 1, 12, tzinfo=UTC)
        >>> Hours.around(noon.replace(minute=30), noon.replace(hour=14))
        Hours(first=12, end=14)
        """
        whole = cls()
        return cls(
            whole.first if since is None else hour_of(microseconds_of(since)),
            whole.end if until is None else -hour_of(-microseconds_of(until)),
        )
