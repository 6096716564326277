"""Clients as the bodies of requests."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from credit.errors import InvalidTables
from features.build import build
from features.catalogue import candidates
from features.made_up import write_tables
from features.tables import CLIENT
from monitoring.trial.induced import Change, Columns

_NEEDED = ("AMT_CREDIT", "AMT_ANNUITY", "DAYS_BIRTH")
"""Without these no application is one."""


@dataclass(frozen=True)
class Applicants:
    """Features of clients that a service accepts; those that follow from others it computes itself."""

    numbers: tuple[int, ...]
    """SK_ID_CURR of each."""
    columns: Columns

    def __len__(self) -> int:
        return len(self.numbers)

    def first(self, most: int) -> "Applicants":
        """The first *most* of them, or all."""
        columns = {name: column[:most] for name, column in self.columns.items()}
        return Applicants(self.numbers[:most], columns)

    def after(self, changes: tuple[Change, ...], rng: np.random.Generator) -> "Applicants":
        """The same clients after *changes*."""
        columns = self.columns
        for change in changes:
            columns = change.of(columns, rng)
        return Applicants(self.numbers, columns)

    def bodies(self, *, with_numbers: bool = False) -> list[bytes]:
        """The JSON of each client's application; what is missing is left out."""
        return [msgspec.json.encode(body) for body in self.applications(with_numbers=with_numbers)]

    def applications(self, *, with_numbers: bool = False) -> Iterator[Mapping[str, object]]:
        """Each client's known features by name, with the client's number if asked for."""
        names = list(self.columns)
        rows = zip(*(column.tolist() for column in self.columns.values()), strict=True)
        for number, row in zip(self.numbers, rows, strict=True):
            known = {name: value for name, value in zip(names, row, strict=True) if _is_known(value)}
            yield {"sk_id_curr": number, **known} if with_numbers else known


def made_up_applicants(
    accepted: frozenset[str], clients: int, seed: int, report: Callable[[float], None]
) -> Applicants:
    """Fresh made-up clients."""
    with tempfile.TemporaryDirectory(prefix="octroi-clients-") as scratch:
        raw, features = Path(scratch) / "raw", Path(scratch) / "features.parquet"
        write_tables(raw, clients, seed, lambda done: report(0.3 * done))
        build(raw, features, lambda done: report(0.3 + 0.7 * done))
        return read_applicants(features, accepted)


def read_applicants(path: Path, accepted: frozenset[str]) -> Applicants:
    """The clients in a features file; `InvalidTables` when it is none. *accepted*: what the service takes."""
    sent = [one for one in candidates() if one.formula is None and one.name in accepted]
    try:
        there = set(pq.read_schema(path).names)
        if missing := [name for name in (CLIENT, *_NEEDED) if name not in there]:
            raise InvalidTables(f"{path} has no column {missing[0]}: make it with python -m features build")
        table = pq.read_table(path, columns=[CLIENT, *(one.name for one in sent if one.name in there)])
    except (OSError, pa.ArrowInvalid) as error:
        raise InvalidTables(f"{path} is not a features file: {error}") from error
    words = {one.name for one in sent if one.is_category}
    columns = {
        name: np.array(table[name].to_pylist(), dtype=object)
        if name in words
        else np.asarray(table[name].cast(pa.float64()).to_numpy(), dtype=np.float64)
        for name in table.column_names
        if name != CLIENT
    }
    return Applicants(tuple(table[CLIENT].to_pylist()), columns)


def _is_known(value: object) -> bool:
    return value is not None and value == value  # noqa: PLR0124  # NaN is missing
