"""A time on a command line."""

from datetime import UTC, datetime

import click


class Moment(click.ParamType[datetime]):
    """A date, or a date and a time, as ISO 8601 writes them; in UTC unless it says otherwise."""

    name = "TIME"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is no time: write 2026-11-03 or 2026-11-03T14:30", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
