"""Decisions of the last hours, for pages that show them."""

import time

import numpy as np
from decisions import HEADER, record

from records.database import Database
from records.hours import HOUR_US
from records.record import SegmentHeader


def decide(database: Database, count: int, header: SegmentHeader = HEADER, **changes: object) -> None:
    """Record *count* decisions of the last two hours; the first is refused, and so is every fourth."""
    now_us = time.time_ns() // 1000
    draw = np.random.default_rng(1)
    records = []
    for i in range(count):
        is_refused = i % 4 == 0
        probability = float(draw.uniform(0.1, 0.5) if is_refused else draw.uniform(0.0, 0.09))
        values: dict[str, object] = {
            "decided_at_us": now_us - i * 2 * HOUR_US // count,
            "probability_default": probability,
            "prediction": int(is_refused),
            "decision": "refuse" if is_refused else "approve",
            "risk_level": "HIGH" if is_refused else "LOW",
            "latency_us": 1000 + i,
        }
        of_model = {"model_version": header.model_version, "model_sha256": header.model_sha256}
        records.append(record(**{**values, **of_model, **changes}))
    database.add(header, records)
