"""One row per client out of the clean tables: pure Ibis, so that any engine can run it."""

import ibis.expr.types as ir
import pyarrow as pa

from features.aggregation import REAL
from features.bureau import BUREAU, CREDIT, credits_with_months, months_of_credits
from features.catalogue import HISTORIES, candidates
from features.engine import Engine, Tables
from features.ratios import ACROSS, RATIOS
from features.reader import RawTables
from features.schema import Kind
from features.tables import CLIENT, TARGET

APPLICATION = "application"


def known_rows(engine: Engine, tables: RawTables) -> dict[str, ir.Table]:
    """The application, and of each history what features are made of, of known clients.

    The bureau's credits come with their months.
    """
    application = engine.take(APPLICATION, tables.application)
    taken = {name: engine.take(name, table) for name, table in tables.histories.items()}
    known = {history.table: taken[history.table].semi_join(application, CLIENT) for history in HISTORIES}
    balance = taken["bureau_balance"].semi_join(known[BUREAU.table], CREDIT)
    months = engine.keep("months_of_credits", months_of_credits(balance))
    known[BUREAU.table] = credits_with_months(known[BUREAU.table], months)
    needed = {history.table: history.needed(known[history.table], CLIENT) for history in HISTORIES}
    return {APPLICATION: application, **needed}


def one_row_per_client(tables: Tables) -> ir.Table:
    """Client, outcome and every candidate, the columns in order; *tables* as `known_rows` gives them."""
    joined = tables[APPLICATION]
    for history in HISTORIES:
        aggregated = history.aggregate(tables[history.table], CLIENT)
        joined = joined.left_join(aggregated, CLIENT, rname="{name}_OF_" + history.table)
    derived = {one.feature.name: one.value(joined).cast(REAL) for one in (*RATIOS, *ACROSS)}
    own = {feature.name: joined[feature.name] for feature in candidates() if feature.name not in derived}
    values = own | derived
    return joined.select(CLIENT, TARGET, **{feature.name: values[feature.name] for feature in candidates()})


def file_schema() -> pa.Schema:
    """The columns of `features.parquet`."""
    types = {Kind.NUMBER: pa.float64(), Kind.CATEGORY: pa.string()}
    return pa.schema(
        [
            pa.field(CLIENT, pa.int64(), nullable=False),
            pa.field(TARGET, pa.int8()),
            *(pa.field(feature.name, types[feature.kind]) for feature in candidates()),
        ]
    )
