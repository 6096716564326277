"""How close tables are to the statistics of the real ones, in everything that is promised of them."""

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from credit.errors import InvalidTables
from features.made_up import closeness, histories, risk, rules, strength
from features.made_up.difference import Difference
from features.made_up.layout import IDS
from features.made_up.limits import LEAST_CLIENTS
from features.made_up.raw import RawDatabase, opened
from features.made_up.relations import relations

_STRENGTHS = 0.5
"""Of the time that all takes."""


def differences(raw: Path, report: Callable[[float], None]) -> list[Difference]:
    """All that is measured on the tables in *raw*; those with `holds` false are the faults.

    `InvalidTables` when a table is missing or none of its kind, or there are fewer training clients than
    `LEAST_CLIENTS`.
    """
    with opened(raw) as tables:
        clients = int(tables.number("count(*)", "application_train"))
        if clients < LEAST_CLIENTS:
            raise InvalidTables(
                f"{raw} holds {clients:,} training clients: fidelity is measured from {LEAST_CLIENTS:,} on"
            )
        measured: list[Difference] = []
        parts = _parts(tables)
        for done, part in enumerate(parts, 1):
            measured += part
            report((1.0 - _STRENGTHS) * done / len(parts))
        measured += strength.strengths(tables, lambda part: report(1.0 - _STRENGTHS * (1.0 - part)))
    return measured


def _parts(tables: RawDatabase) -> list[Iterator[Difference]]:
    """All but the strengths, in parts of a few seconds."""
    shape = [closeness.columns(tables, table) for table in IDS]
    ties = chain(rules.exact(tables), relations(tables))
    rows = chain(histories.rows_per_client(tables), histories.known_contracts(tables))
    outcome = chain(
        [risk.target_rate(tables)], risk.correlations(tables), risk.words(tables), risk.deciles(tables)
    )
    return [*shape, ties, rows, outcome]
