"""What every model runner can do."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.float64]
Probabilities = npt.NDArray[np.float64]


class Scorer(Protocol):
    """Something that scores encoded rows."""

    def score(self, rows: Rows) -> Probabilities:
        """Probability of default of each row, in order. *rows*: float64 (n, features)."""
        ...
