"""Models of chosen sizes, of no meaning: how fast trees are walked depends on their number and shape."""

from collections.abc import Iterator
from pathlib import Path

import lightgbm
import numpy as np

from profiling.latency.bench import SEED, Subject

TREES = (100, 500, 1_500)
WIDTHS = (40, 125, 800)
_ROWS = 5_000
_LEAVES = 31
_MISSING = 0.1


def made_models(
    folder: Path, trees: tuple[int, ...] = TREES, widths: tuple[int, ...] = WIDTHS, rows: int = _ROWS
) -> Iterator[Subject]:
    """A model of each size, made when it is asked for; numbers with a tenth missing, no categories."""
    for width in widths:
        rng = np.random.default_rng([SEED, width])
        values = rng.normal(size=(rows, width))
        values[rng.random(values.shape) < _MISSING] = np.nan
        chance = 1 / (1 + np.exp(2 - np.nansum(values[:, :20], axis=1) / 3))
        data = lightgbm.Dataset(values, rng.random(rows) < chance, free_raw_data=False)
        settings = {
            "objective": "binary",
            "num_leaves": _LEAVES,
            "max_bin": 63,
            "verbosity": -1,
            "seed": SEED,
        }
        # The smaller ones are its beginning.
        booster = lightgbm.train(settings, data, num_boost_round=max(trees))
        for count in trees:
            path = folder / f"{count}-{width}.txt"
            booster.save_model(path, num_iteration=count)
            yield Subject(f"Made model {count} x {width}", path, None, 0.5)
