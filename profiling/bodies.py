"""Bodies of /predict for measurements: the model's features of made-up clients, some of them null."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import pyarrow.parquet as pq

from features.build import build
from features.made_up import write_tables
from features.schema import FeatureSchema

NULLS = (0.05, 0.20)
"""Least and largest share of nulls in a body."""
_CLIENTS_FOR_EACH = 6
"""So many made up for each body: of some of them too little is known."""


@dataclass(frozen=True)
class Bodies:
    """JSON objects with every feature of the model, each with a share of nulls within `NULLS`."""

    texts: tuple[bytes, ...]
    features: int
    """In each body."""
    nulls: float
    """Share of nulls in all."""


def make_bodies(schema: FeatureSchema, count: int, seed: int, report: Callable[[float], None]) -> Bodies:
    """*count* bodies of clients of whom enough is known; the same for the same *seed*."""
    with tempfile.TemporaryDirectory(prefix="octroi-bodies-") as scratch:
        raw, features = Path(scratch) / "raw", Path(scratch) / "features.parquet"
        write_tables(raw, _CLIENTS_FOR_EACH * count, seed, lambda done: report(0.3 * done))
        build(raw, features, lambda done: report(0.3 + 0.7 * done))
        names = [one.name for position, one in enumerate(schema.features) if position < schema.width]
        needed = [one.name for one in schema.features if one.required and one.name not in names]
        rows = pq.read_table(features, columns=[*names, *needed]).to_pylist()
    chosen = list(_chosen(rows, schema, np.random.default_rng(seed)))[:count]
    assert len(chosen) == count, "made-up clients leave enough of them"
    nulls = np.mean([list(body.values()).count(None) / len(body) for body in chosen])
    return Bodies(tuple(map(msgspec.json.encode, chosen)), len(names) + len(needed), float(nulls))


def _chosen(
    rows: list[dict[str, object]], schema: FeatureSchema, rng: np.random.Generator
) -> Iterator[dict[str, object]]:
    """Rows with few enough nulls; a few values more are taken from those with too few."""
    free = _free(schema)
    for row in rows:
        body = {name: None if value != value else value for name, value in row.items()}  # noqa: PLR0124
        known = [name for name in free if body.get(name) is not None]
        nulls = list(body.values()).count(None)
        if nulls > NULLS[1] * len(body):
            continue
        for name in rng.permutation(known)[: max(0, int(np.ceil(NULLS[0] * len(body))) - nulls)]:
            body[name] = None
        yield body


def _free(schema: FeatureSchema) -> list[str]:
    """Features from which nothing follows and that follow from nothing: a null in one changes no other."""
    bound = {part for one in schema.features if one.formula for part in one.formula.parts}
    return [
        one.name for one in schema.used if one.formula is None and one.name not in bound and not one.required
    ]
