"""Clients the model has never seen, for trying the drift report on."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from credit.cost import Probabilities
from credit.errors import InvalidTables
from features.build import build
from features.encoder import Encoder, Rows
from features.made_up import write_tables
from features.schema import FeatureSchema
from features.tables import TARGET
from monitoring.drift.report import compare
from monitoring.drift.subject import Subject
from monitoring.drift.tally import Column
from monitoring.drift.window import Window
from monitoring.trial.induced import Columns
from monitoring.trial.selftest import ABSURD, SIZES, Population

Score = Callable[[Rows], Probabilities]
_SEED = 1_117
"""Of the made-up clients; no training is likely to have used it."""


def made_up_population(
    subject: Subject, score: Score, clients: int, report: Callable[[float], None]
) -> Population:
    """Fresh clients from where `features synth` takes them."""
    with tempfile.TemporaryDirectory(prefix="octroi-clients-") as scratch:
        raw, features = Path(scratch) / "raw", Path(scratch) / "features.parquet"
        write_tables(raw, clients, _SEED, lambda done: report(0.3 * done))
        build(raw, features, lambda done: report(0.3 + 0.7 * done))
        return read_population(features, subject, score)


def read_population(path: Path, subject: Subject, score: Score) -> Population:
    """The labelled clients in a features file; `InvalidTables` when they are not like the training rows."""
    schema = subject.schema
    columns = _columns(path, schema)
    encoder = Encoder(schema)
    probabilities = score(encoder.encode_columns(columns))
    if len(probabilities) < max(SIZES):
        raise InvalidTables(
            f"{path} has {len(probabilities):,} labelled clients: windows of {max(SIZES):,} take more"
        )
    everyone = Window.of(subject.reference, columns, probabilities)
    found = compare(subject.reference, Window.of_training(subject.reference), everyone, subject.policy)
    if found.drifted or found.alerts or not found.features:
        names = [feature.name for feature in found.drifted][:3] or ["the probability of default"]
        raise InvalidTables(
            f"the {everyone.rows:,} labelled clients in {path} are not like those {subject.version} was "
            f"trained on ({', '.join(names)}): name a features file of such clients with --clients"
        )
    return Population(schema, columns, probabilities, lambda changed: score(encoder.encode_columns(changed)))


def _columns(path: Path, schema: FeatureSchema) -> Columns:
    parts = {part for feature in schema.used if feature.formula for part in feature.formula.parts}
    wanted = sorted({feature.name for feature in schema.used} | parts | (set(ABSURD) & set(schema.names)))
    try:
        if missing := sorted({TARGET, *wanted} - set(pq.read_schema(path).names)):
            raise InvalidTables(f"{path} has no column {missing[0]}: build it again")
        table = pq.read_table(path, columns=[TARGET, *wanted])
    except (OSError, pa.ArrowInvalid) as error:
        raise InvalidTables(f"{path} is not a features file: {error}") from error
    # Those whose outcome is not known are another population: Kaggle's test clients differ from the others.
    labelled = table.filter(pc.is_valid(table[TARGET]))
    words = {feature.name for feature in schema.features if feature.is_category}
    return {name: _column(labelled[name], words=name in words) for name in wanted}


def _column(values: pa.ChunkedArray, *, words: bool) -> Column:
    if words:
        return np.array(values.to_pylist(), dtype=object)
    return np.asarray(values.cast(pa.float64()).to_numpy(), dtype=np.float64)
