"""Millions of decisions, with the rollups that belong to them: what a busy lender has after a year."""

import time
from collections.abc import Callable, Iterator

import msgspec
import numpy as np
import sqlalchemy as sa

from records.benchmark import fill
from records.database import Database
from records.histogram import LATENCY_BUCKETS, PD_BUCKETS, least_latency_us, total
from records.hours import DAY, HOUR_US
from records.rollups import ANSWERED
from records.tables import chain_head, hourly_histograms, model_features, prediction_inputs, predictions
from records.writer import write

THRESHOLD = 0.09
_SHA256 = "0" * 64
_NAMES = ("AMT_CREDIT", "DAYS_BIRTH", "NAME_CONTRACT_TYPE", "CODE_GENDER", "AMT_INCOME_TOTAL")
_MORE = 35
"""Features besides, in each record."""
_LEAST_US = np.array([least_latency_us(bucket) for bucket in range(LATENCY_BUCKETS + 1)])


def crowd(database: Database, decisions: int, days: int, report: Callable[[float], None]) -> None:
    """Write *decisions* of the last whole *days*: rollups, and rows that agree with them bucket by bucket."""
    today = time.time_ns() // 1000 // HOUR_US // DAY
    fill(database, decisions, days * DAY, lambda _: None, today - days)
    names = [*_NAMES, *(f"FEATURE_{i}" for i in range(_MORE))]
    with database.writing() as connection:
        rows = [(_SHA256, place, name, name.startswith("NAME"), True) for place, name in enumerate(names)]
        write(connection, model_features, rows)
    table = hourly_histograms.c
    query = sa.select(table).where(table.span == 1).order_by(table.hour, table.route)
    hours = database.rows(query)
    draw, seq = np.random.default_rng(1), 0
    for start in range(0, len(hours), 2 * DAY):
        day = [row for hour in hours[start : start + 2 * DAY] for row in _decided(draw, hour)]
        # Each hour's two routes lie one after the other; the records are in the order of time.
        day.sort(key=lambda row: row[3])
        numbered = [(seq + place, *row[1:]) for place, row in enumerate(day, start=1)]
        with database.writing() as connection:
            write(connection, predictions, numbered)
            write(connection, prediction_inputs, [(row[0], _inputs(draw), None) for row in numbered])
            connection.execute(sa.update(chain_head).values(seq=seq + len(day)))
        seq += len(day)
        report(seq / decisions)


def _decided(draw: np.random.Generator, hour: sa.Row) -> Iterator[tuple[object, ...]]:
    """A row of `predictions` for each decision that an hour's histograms count."""
    pd = np.repeat(np.arange(PD_BUCKETS), total([hour.pd], PD_BUCKETS)) / PD_BUCKETS + 0.005
    buckets = np.repeat(np.arange(LATENCY_BUCKETS), total([hour.latency], LATENCY_BUCKETS))
    latency = (_LEAST_US[buckets] + _LEAST_US[buckets + 1]) // 2
    count = len(pd)
    at = hour.hour * HOUR_US + np.sort(draw.integers(0, HOUR_US, count))
    order = draw.permutation(count)
    clients = draw.integers(100_000, 500_000, count)
    columns = (at, pd[order], latency, clients)
    for i, (at_us, probability, latency_us, client) in enumerate(
        zip(*(column.tolist() for column in columns), strict=True)
    ):
        refused = probability >= THRESHOLD
        name = f"{hour.hour:08x}-{hour.route[8:9] or 'p'}-{i:08x}"
        yield (
            *(0, name, name, at_us, hour.route, None, None, None, None, client, 250_000.0),
            *(probability, int(refused), "refuse" if refused else "approve", 0.5),
            *("HIGH" if refused else "LOW", THRESHOLD, hour.model_version, _SHA256, "default-01234567"),
            *(latency_us, 400, "[]", ANSWERED, None, None),
        )


def _inputs(draw: np.random.Generator) -> str:
    income, credit, age, more = draw.random(4).tolist()
    values = [
        *(round(1_500_000 * credit), -7_000.0 - 18_000.0 * age),
        *("Cash loans", "F" if more < 0.6 else "M", round(400_000 * income)),
        *[more] * _MORE,
    ]
    return msgspec.json.encode(values).decode()
