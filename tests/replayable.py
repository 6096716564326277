"""Decisions that a real model made, so that it can make them again."""

import msgspec
import pytest
from decisions import record
from made import Made

from features.encoder import Encoder
from records.journal import JOURNAL_FORMAT
from records.record import SegmentHeader
from runners.bundle import Bundle
from runners.onnx import OnnxScorer


@pytest.fixture
def decided(made: Made, database, monkeypatch):
    """Three hundred decisions by the small model, recorded as the service does."""
    import pyarrow.parquet as pq

    bundle = Bundle.open(made.bundle)
    # BentoML looks once in a process's life where its store is; over HTTP it is asked for real.
    store = {bundle.version: bundle}
    monkeypatch.setattr("records.replaying.__main__.open_bundle", store.__getitem__)
    names = bundle.schema.names
    rows = pq.read_table(made.features).slice(0, 300).select(list(names)).to_pylist()
    values = [[row[name] for name in names] for row in rows]
    encoded = Encoder(bundle.schema).encode(values)
    scores = OnnxScorer(bundle.certified_onnx()).score(encoded.rows).tolist()
    header = SegmentHeader(
        format=JOURNAL_FORMAT,
        model_version=bundle.version,
        model_sha256=bundle.model_sha256,
        features=names,
        width=bundle.schema.width,
        words=tuple(feature.name for feature in bundle.schema.features if feature.is_category),
    )
    threshold = bundle.policy.threshold
    records = [
        record(
            model_version=bundle.version,
            model_sha256=bundle.model_sha256,
            probability_default=score,
            threshold=threshold,
            prediction=int(score >= threshold),
            decision="refuse" if score >= threshold else "approve",
            warnings=warnings,
            inputs=msgspec.Raw(msgspec.json.encode(_trimmed(one))),
            decided_at_us=1_790_000_000_000_000 + i,
        )
        for i, (one, score, warnings) in enumerate(zip(values, scores, encoded.warnings, strict=True))
    ]
    database.add(header, records)
    return records


def _trimmed(values):
    while values and values[-1] is None:
        values = values[:-1]
    return values
