"""What a schema learns from the training rows: categories, their codes, ranges."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from features.schema import Feature
from training.sample import Column, Sample


def learn(candidates: Sequence[Feature], sample: Sample) -> tuple[Feature, ...]:
    """*candidates* with the categories and the ranges seen in *sample*."""
    return tuple(_learned(feature, sample.columns[feature.name], sample) for feature in candidates)


def usable(features: Sequence[Feature]) -> list[Feature]:
    """The learned features that have at least two different values."""
    return [feature for feature in features if _varies(feature)]


def _learned(feature: Feature, column: Column, sample: Sample) -> Feature:
    if feature.is_category:
        return replace(feature, categories=_by_default_rate(column, sample))
    known = column[np.isfinite(column) & ~np.isin(column, feature.sentinels)]
    return replace(feature, seen=(float(known.min()), float(known.max())) if len(known) else None)


def _by_default_rate(column: Column, sample: Sample) -> tuple[str, ...]:
    """Categories from the lowest default rate up, so that a split on the code is a split on risk."""
    rates = pd.Series(sample.defaulted).groupby(pd.Series(column)).mean()
    return tuple(str(name) for name in sorted(rates.index, key=lambda name: (rates[name], name)))


def _varies(feature: Feature) -> bool:
    if feature.is_category:
        return len(feature.categories) > 1
    return feature.seen is not None and feature.seen[0] < feature.seen[1]
