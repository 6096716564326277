"""A lender's bundle and database on disk, for tests of what watches the decisions."""

import hashlib
import json
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
from click.testing import CliRunner
from decisions import record
from lender import GAINS, POLICY, SCHEMA, clients, defaulted, score

from monitoring.__main__ import door
from monitoring.drift.reference import write_reference
from monitoring.profiles import Columns, Observation, Profiler
from monitoring.trial.induced import recomputed
from records.database import Database
from records.journal import JOURNAL_FORMAT
from records.record import SegmentHeader

DAY_US = 86_400_000_000
NOW_US = time.time_ns() // 1000
WORDS = tuple(feature.name for feature in SCHEMA.features if feature.is_category)
DERIVED = ("PAYMENT_RATE",)
"""What clients leave out, and the service computes."""


@dataclass(frozen=True)
class Watched:
    """The folder of one service: `bundle` and `var`."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {"OCTROI_MODEL": str(self.folder / "bundle"), "OCTROI_DATA": str(self.folder / "var")}

    @property
    def url(self) -> str:
        return f"sqlite:///{self.folder / 'var' / 'octroi.db'}"

    @property
    def reports(self) -> Path:
        return self.folder / "var" / "reports"

    @property
    def sha256(self) -> str:
        return hashlib.sha256((self.folder / "bundle" / "model.txt").read_bytes()).hexdigest()

    def decide(self, columns: dict[str, np.ndarray], days_ago: float = 1.0, **changes: object) -> None:
        """Record a decision on each client, a second apart."""
        sha256 = str(changes.get("model_sha256", self.sha256))
        header = SegmentHeader(
            format=JOURNAL_FORMAT,
            model_version=f"octroi-credit:{sha256[:12]}",
            model_sha256=sha256,
            features=SCHEMA.names,
            width=SCHEMA.width,
            words=WORDS,
        )
        first = NOW_US - int(days_ago * DAY_US)
        changed = {"model_version": header.model_version, "model_sha256": sha256, **changes}
        decided = [
            record(
                decided_at_us=first + i * 1_000_000,
                probability_default=answer,
                inputs=msgspec.Raw(msgspec.json.encode(values)),
                **changed,
            )
            for i, (answer, values) in enumerate(zip(score(columns).tolist(), rows(columns), strict=True))
        ]
        database = Database(self.url, create=True)
        database.add(header, decided)
        database.close()

    def profile(self, columns: dict[str, np.ndarray], folder: Path, days_ago: float = 1.0) -> None:
        """Profile a decision on each client, as an archivist of another host would."""
        used = SCHEMA.names[: SCHEMA.width]
        named = Columns(self.sha256[:12], used, frozenset(WORDS))
        first = NOW_US - int(days_ago * DAY_US)
        answers = zip(score(columns).tolist(), rows(columns, leave_out=()), strict=True)
        profiler = Profiler(folder)
        profiler.add(
            [
                Observation(i, first + i * 1_000_000, named, values, answer, "approve")
                for i, (answer, values) in enumerate(answers, start=profiler.next_seq)
            ]
        )
        profiler.flush()


def rows(columns: dict[str, np.ndarray], leave_out: tuple[str, ...] = DERIVED) -> list[list[object]]:
    """Each client's raw values in the order of the schema."""
    by_column = [
        [None] * len(columns[name])
        if name in leave_out
        else [value if value == value else None for value in columns[name].tolist()]  # noqa: PLR0124
        for name in SCHEMA.names
    ]
    return [list(row) for row in zip(*by_column, strict=True)]


def watch(folder: Path) -> Watched:
    """A bundle as training writes it, without a model that anybody could score with."""
    bundle = folder / "bundle"
    bundle.mkdir(parents=True)
    names = " ".join(SCHEMA.names[: SCHEMA.width])
    (bundle / "model.txt").write_text(f"tree\nfeature_names={names}\n\nTree=0\n")
    (bundle / "schema.json").write_text(SCHEMA.to_json())
    (bundle / "policy.json").write_text(json.dumps(POLICY.as_dict()))
    columns = clients(20_000, 1)
    write_reference(bundle, SCHEMA, columns, score(columns), defaulted(columns, 1), GAINS)
    return Watched(folder)


def run(*arguments: str, status: int = 0) -> str:
    done = CliRunner().invoke(door, arguments)
    assert done.exit_code == status, done.output
    return done.output


def changed(columns, change):
    return recomputed(change.of(columns, np.random.default_rng(1)), SCHEMA.features, change.touched)


def rows_of(watched: Watched, query: str) -> list[tuple]:
    with sqlite3.connect(watched.folder / "var" / "octroi.db") as connection:
        return connection.execute(query).fetchall()
