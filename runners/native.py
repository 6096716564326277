"""LightGBM itself, for comparison; the service never loads it."""

from pathlib import Path

import numpy as np

from runners.scorer import Probabilities, Rows


class NativeScorer:
    """Scores with `lightgbm.Booster.predict` on numpy rows, one thread."""

    def __init__(self, model: Path) -> None:
        # It takes a second to import, which who asks a command for --help need not wait.
        import lightgbm  # noqa: PLC0415

        self.booster = lightgbm.Booster(model_file=str(model))

    def score(self, rows: Rows) -> Probabilities:
        """Probability of default of each row, in order. *rows*: float64 (n, features)."""
        return np.asarray(self.booster.predict(rows, num_threads=1), dtype=np.float64)
