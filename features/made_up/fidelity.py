"""How close tables are to the statistics of the real ones, in everything that is promised of them."""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from credit.errors import InvalidTables
from features.made_up import closeness, risk, rules, strength
from features.made_up.difference import Difference
from features.made_up.layout import IDS
from features.made_up.raw import RawTables

LEAST_CLIENTS = 20_000
"""Fewer say too little: chance alone would break the limits."""


def differences(raw: Path, report: Callable[[float], None]) -> list[Difference]:
    """All that is measured on the tables in *raw*; those with `holds` false are the faults.

    `InvalidTables` when a table is missing or there are fewer than `LEAST_CLIENTS` training clients.
    """
    tables = RawTables(raw)
    clients = int(tables.number("count(*)", "application_train"))
    if clients < LEAST_CLIENTS:
        raise InvalidTables(
            f"{raw} holds {clients} training clients: fidelity is measured from {LEAST_CLIENTS} on"
        )
    measured: list[Difference] = []
    parts = _parts(tables)
    for done, part in enumerate(parts, 1):
        measured += part
        report(done / len(parts))
    return measured


def _parts(tables: RawTables) -> list[Iterator[Difference]]:
    """Everything to measure, in parts of a few seconds."""
    shape = [closeness.columns(tables, table) for table in IDS]
    ties = chain(
        closeness.ratios(tables), rules.exact(tables), rules.shares(tables), rules.rows_per_client(tables)
    )
    outcome = chain([risk.target_rate(tables)], risk.correlations(tables), risk.deciles(tables))
    return [*shape, ties, outcome, strength.strengths(tables)]
