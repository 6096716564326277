"""The aggregate statistics the made-up tables are fitted to."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from features.made_up.normal import Floats

SOURCE = Path(__file__).with_name("home_credit_stats.json")
SENTINEL = 365243
SHARES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
"""Shares of rows below each of a column's quantiles."""

TARGET_RATE = 0.0807
"""Of all 307,511 training clients; the sample behind the statistics has 0.0802."""


@dataclass(frozen=True)
class Column:
    """What is known of one column."""

    name: str
    kind: str
    """`cat`, `int` or `float`."""
    null: float
    """Share of rows that are missing; every other share is of the rows that are not."""
    quantiles: tuple[float, ...]
    """At `SHARES`; empty where `words` or `values` list all there is."""
    zero: float
    sentinel: float
    """Share of 365243."""
    words: tuple[str, ...]
    values: tuple[float, ...]
    shares: tuple[float, ...]
    """Of each word or value."""
    default_rates: tuple[float, ...]
    """Share of clients who defaulted, for each word."""
    counts: tuple[int, ...]
    """Clients behind each default rate."""
    auc: float | None
    """Of the column's value against TARGET; below 0.5 where low values default more."""
    default_rate_if_null: float | None
    corr_target: float | None

    @property
    def is_category(self) -> bool:
        return self.kind == "cat"


@dataclass(frozen=True)
class Spread:
    """How many child rows a parent has."""

    share_with_any: float
    quantiles: tuple[float, ...]
    mean: float


@dataclass(frozen=True)
class Decile:
    """Clients up to a value of one column, and from the decile before."""

    bound: float
    default_rate: float
    clients: int


@dataclass(frozen=True)
class Statistics:
    """All tables' columns, in Kaggle's order without ids and TARGET, and what ties them together."""

    tables: Mapping[str, Mapping[str, Column]]
    population: Mapping[str, int]
    """Rows of each full Kaggle table."""
    spreads: Mapping[str, Spread]
    """By `table|train` or `table|test`."""
    spearman_names: tuple[str, ...]
    spearman: Floats
    ratios: Mapping[str, tuple[float, ...]]
    atoms: Mapping[str, Mapping[float, float]]
    """Values that many clients share, with their share of the clients."""
    known_contracts: Mapping[str, float]
    """By balance table: share of its SK_ID_PREV that previous_application has."""
    equal_goods: float
    """Share of clients whose credit equals the price of the goods."""
    silent_occupation: float
    """Share of the employed without an OCCUPATION_TYPE."""
    unknown_building: float
    """Share of clients without any column on their building."""
    twins: Mapping[str, float]
    """Correlation of APARTMENTS_AVG with its other two statistics."""
    deciles: Mapping[str, tuple[Decile, ...]]
    """By column, rising; the outcome by about a tenth of the clients."""

    def column(self, table: str, name: str) -> Column:
        return self.tables[table][name]


def _column(name: str, entry: dict[str, object]) -> Column:
    """One column from its JSON object."""
    freq = _mapping(entry.get("freq"))
    rates = _mapping(entry.get("target_rate"))
    is_category = entry["type"] == "cat"
    if_null = entry.get("target_rate_if_null")
    return Column(
        name=name,
        kind=str(entry["type"]),
        null=_number(entry["null"]),
        quantiles=_numbers(entry.get("q")),
        zero=_number(entry.get("zero", 0.0)),
        sentinel=_number(entry.get("sentinel_365243", 0.0)),
        words=tuple(freq) if is_category else (),
        values=() if is_category else tuple(sorted(float(value) for value in freq)),
        shares=_shares(freq, is_category),
        default_rates=tuple(_numbers(pair)[0] for pair in rates.values()),
        counts=tuple(int(_numbers(pair)[1]) for pair in rates.values()),
        auc=_number(entry["auc"]) if "auc" in entry else None,
        default_rate_if_null=_numbers(if_null)[0] if if_null is not None else None,
        corr_target=_number(entry["corr_target"]) if "corr_target" in entry else None,
    )


def _shares(freq: dict[str, object], is_category: bool) -> tuple[float, ...]:
    """Shares that add to one, in the order of the words or of the rising values."""
    names = list(freq) if is_category else sorted(freq, key=float)
    shares = np.array([_number(freq[name]) for name in names])
    return tuple((shares / shares.sum()).tolist()) if len(shares) else ()


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)


def _numbers(values: object) -> tuple[float, ...]:
    return tuple(_number(value) for value in values) if isinstance(values, list) else ()


def _mapping(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


@cache
def load() -> Statistics:
    """The statistics that come with the package."""
    body = json.loads(SOURCE.read_text(encoding="utf-8"))
    tables = {name: part for name, part in body.items() if isinstance(part, dict) and "columns" in part}
    joint = body["joint"]
    return Statistics(
        tables={
            table: {name: _column(name, entry) for name, entry in part["columns"].items()}
            for table, part in tables.items()
        },
        population={table: int(part["population_rows_known"]) for table, part in tables.items()},
        spreads=_spreads(body["cardinality"]),
        spearman_names=tuple(joint["spearman"]["cols"]),
        spearman=np.array(joint["spearman"]["m"]),
        ratios={key.removeprefix("ratio|"): tuple(joint[key]) for key in joint if key.startswith("ratio|")},
        atoms=_atoms(joint),
        known_contracts=_known_contracts(body["cardinality"]),
        equal_goods=_number(joint["AMT_GOODS_PRICE equals AMT_CREDIT"]),
        silent_occupation=_number(joint["P(OCCUPATION null | not sentinel)"]),
        unknown_building=_number(joint["building_block"]["all_null"]),
        twins={
            f"APARTMENTS_{twin}": _number(joint["building_block"][f"corr_AVG_{twin}_APARTMENTS"])
            for twin in ("MODE", "MEDI")
        },
        deciles={
            key.split("|")[1]: tuple(Decile(*entry) for entry in joint[key])
            for key in joint
            if key.startswith("target_rate_by_decile|")
        },
    )


def _spreads(cardinality: dict[str, object]) -> dict[str, Spread]:
    spreads = {}
    for key, value in cardinality.items():
        entry = _mapping(value)
        quantiles = entry.get("rows_per_client_q", entry.get("q"))
        if quantiles is not None:
            share = _number(entry.get("clients_with_any", 1.0))
            spreads[key] = Spread(share, _numbers(quantiles), _number(entry["mean"]))
    return spreads


def _known_contracts(cardinality: dict[str, object]) -> dict[str, float]:
    suffix = "|share_of_SK_ID_PREV_in_previous_application"
    return {
        key.removesuffix(suffix): _number(value) for key, value in cardinality.items() if key.endswith(suffix)
    }


def _atoms(joint: dict[str, object]) -> dict[str, dict[float, float]]:
    suffix = " top values"
    return {
        key.removesuffix(suffix): {float(v): _number(s) for v, s in _mapping(joint[key]).items()}
        for key in joint
        if key.endswith(suffix)
    }
