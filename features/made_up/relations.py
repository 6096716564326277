"""How the columns of the application hang together."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np

from features.made_up import limits
from features.made_up.closeness import gap
from features.made_up.difference import Difference
from features.made_up.raw import RawDatabase
from features.made_up.statistics import SENTINEL, SHARES, load

_TABLE = "application_train"
_NAMES = {"DE": "DAYS_EMPLOYED"}
"""Where the statistics have another name."""
_MEASURED_BUILDING = ("_AVG", "_MODE", "_MEDI")


def relations(raw: RawDatabase) -> Iterator[Difference]:
    """Ratios, rank correlations, and what is equal, frequent or missing together."""
    yield from _ratios(raw)
    yield from _ranks(raw)
    yield from _shares(raw)
    yield from _frequent(raw)
    yield from _twins(raw)


def _ratios(raw: RawDatabase) -> Iterator[Difference]:
    """Quantiles of one amount in parts of another."""
    for name, quantiles in load().ratios.items():
        over, under = name.split("/")
        found = raw.rows(f"{over} / {under} as ratio", _TABLE)["ratio"].dropna()
        distance = gap(np.array(quantiles), np.array(SHARES), found.to_numpy(np.float64))
        yield Difference(name, "quantiles", 0.0, distance, limits.DISTRIBUTION + limits.by_chance(len(found)))


def _ranks(raw: RawDatabase) -> Iterator[Difference]:
    """Rank correlations, pair by pair."""
    names = [_NAMES.get(name, name) for name in load().spearman_names]
    rows = raw.rows(", ".join(f'nullif("{name}", {SENTINEL}) as "{name}"' for name in names), _TABLE)
    found = rows.rank().corr().to_numpy()
    for one, other in combinations(range(len(names)), 2):
        subject = f"{names[one]} and {names[other]}"
        known = float(load().spearman[one, other])
        yield Difference(subject, "rank correlation", known, float(found[one, other]), limits.RANKS)


def _shares(raw: RawDatabase) -> Iterator[Difference]:
    """Shares of clients for whom something is so."""
    known = load()
    nothing = " and ".join(
        f'"{name}" is null' for name in known.tables[_TABLE] if name.endswith(_MEASURED_BUILDING)
    )
    asked = {
        "AMT_GOODS_PRICE equals AMT_CREDIT": (known.equal_goods, "AMT_GOODS_PRICE = AMT_CREDIT", "true"),
        "OCCUPATION_TYPE missing of the employed": (
            known.silent_occupation,
            "OCCUPATION_TYPE is null",
            f"DAYS_EMPLOYED <> {SENTINEL}",
        ),
        "nothing known of the building": (known.unknown_building, nothing, "true"),
    }
    for subject, (share, condition, among) in asked.items():
        found = raw.number(f"avg(({condition})::int)", _TABLE, among)
        yield Difference(subject, "share of clients", share, found, limits.SHARE)


def _frequent(raw: RawDatabase) -> Iterator[Difference]:
    """Amounts that many clients share: the largest gap between their shares."""
    for name, shares in load().atoms.items():
        found = [raw.number(f'avg(("{name}" = {value})::int)', _TABLE) for value in shares]
        distance = float(np.abs(np.array(found) - list(shares.values())).max())
        yield Difference(name, "frequent values", 0.0, distance, limits.SHARE)


def _twins(raw: RawDatabase) -> Iterator[Difference]:
    """A measure of the building as its average, its mode and its median."""
    for name, known in load().twins.items():
        found = raw.number(f'corr("APARTMENTS_AVG", "{name}")', _TABLE)
        yield Difference(f"APARTMENTS_AVG and {name}", "correlation", known, found, limits.TWINS)
