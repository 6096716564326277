"""How many rows of each history hang on a client, and on a contract."""

from collections.abc import Iterator

import numpy as np

from features.made_up import limits
from features.made_up.closeness import gap
from features.made_up.difference import Difference
from features.made_up.raw import RawDatabase
from features.made_up.statistics import SHARES, load

_BY_CLIENT = ("bureau", "previous_application", "POS_CASH_balance", "credit_card_balance")
_LARGE = ("bureau_balance", "installments_payments")


def rows_per_client(raw: RawDatabase) -> Iterator[Difference]:
    """Training clients with any row in each history, and how many rows those have."""
    clients = raw.number("count(*)", "application_train")
    for table in _BY_CLIENT:
        spread = load().spreads[f"{table}|train"]
        source = f"{table} semi join application_train using (SK_ID_CURR)"
        rows = raw.rows("count(*) as rows", source, "group by SK_ID_CURR")["rows"].to_numpy(np.float64)
        yield Difference(table, "clients with any", spread.share_with_any, len(rows) / clients, limits.SHARE)
        mean = float(rows.mean()) if len(rows) else 0.0
        yield Difference(table, "rows per client", spread.mean, mean, limits.ROWS * spread.mean)
        distance = gap(np.array(spread.quantiles), np.array(SHARES), rows)
        yield Difference(
            table,
            "rows per client, quantiles",
            0.0,
            distance,
            limits.DISTRIBUTION + limits.by_chance(len(rows)),
        )
    yield from _rows_of_all(raw)


def _rows_of_all(raw: RawDatabase) -> Iterator[Difference]:
    """Rows of the larger tables for each client, training and test, against the known row counts."""
    population = load().population
    everyone = sum(raw.number("count(*)", table) for table in ("application_train", "application_test"))
    known = population["application_train"] + population["application_test"]
    for table in _LARGE:
        expected = population[table] / known
        found = raw.number("count(*)", table) / everyone
        yield Difference(table, "rows per client", expected, found, limits.ROWS * expected)


def known_contracts(raw: RawDatabase) -> Iterator[Difference]:
    """Share of the contracts with balances that are among the earlier applications."""
    for table, share in load().known_contracts.items():
        contracts = f"(from {table} select distinct SK_ID_PREV) c"
        found = raw.number(
            "avg((p.SK_ID_PREV is not null)::int)",
            f"{contracts} left join previous_application p using (SK_ID_PREV)",
        )
        yield Difference(f"{table} in previous_application", "share of contracts", share, found, limits.SHARE)
