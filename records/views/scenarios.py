"""The simulations whose traffic is among the records."""

import sqlalchemy as sa

from records.database import Database
from records.hours import DAY
from records.tables import hourly_counts


def scenarios(database: Database) -> list[str]:
    """Their names, in order; real traffic has none."""
    table = hourly_counts.c
    query = (
        sa.select(table.scenario)
        .where(table.span == DAY, table.scenario != "")
        .distinct()
        .order_by(table.scenario)
    )
    return [name for (name,) in database.rows(query)]
