"""Evidently's report beside ours: another library's view of the same clients."""

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from credit.errors import InvalidSettings
from monitoring.drift.category import CategoryBins
from monitoring.drift.reference import Reference
from monitoring.drift.tally import Column

if TYPE_CHECKING:
    from evidently.core.report import Snapshot

    from monitoring.sketch import StoredSketch

MOST_ROWS = 2000
"""Of each side; more take Evidently minutes."""


def stand_ins(reference: Reference, sketch: "StoredSketch", rows: int) -> dict[str, Column]:
    """Clients whose every column is spread as those a profile has seen; columns do not hang together."""
    rng = np.random.default_rng(rows)
    return {
        one.name: rng.permutation(
            _words(sketch, one.name, rows)
            if isinstance(one.bins, CategoryBins)
            else _numbers(sketch, one.name, rows)
        )
        for one in reference.everything
    }


def write_second_opinion(
    stem: Path, reference: Reference, before: Mapping[str, Column], now: Mapping[str, Column]
) -> list[Path]:
    """Write Evidently's comparison of two groups of clients as *stem*.html and .json; where.

    Its verdicts are its own. `InvalidSettings` when it is not installed.
    """
    with warnings.catch_warnings():
        # It uses what others have deprecated, and divides by the deviation of columns that have none.
        warnings.simplefilter("ignore")
        found = _compared(reference, before, now)
        paths = [stem.with_name(f"{stem.name}.{kind}") for kind in ("html", "json")]
        found.save_html(str(paths[0]))
        found.save_json(str(paths[1]))
    return paths


def _compared(reference: Reference, before: Mapping[str, Column], now: Mapping[str, Column]) -> "Snapshot":
    # It would report its use to its makers.
    os.environ["DO_NOT_TRACK"] = "1"
    try:
        from evidently import DataDefinition, Dataset, Report  # noqa: PLC0415
        from evidently.presets import DataDriftPreset  # noqa: PLC0415
    except ImportError as error:
        raise InvalidSettings("Evidently is not installed: run make setup-evidently first") from error
    known = [one for one in reference.everything if _is_known(before[one.name]) and _is_known(now[one.name])]
    words = [one.name for one in known if isinstance(one.bins, CategoryBins)]
    numbers = [one.name for one in known if not isinstance(one.bins, CategoryBins)]
    definition = DataDefinition(numerical_columns=numbers, categorical_columns=words)
    sides = [
        Dataset.from_pandas(pd.DataFrame({one.name: side[one.name] for one in known}), definition)
        for side in (now, before)
    ]
    return Report([DataDriftPreset()]).run(*sides)


def _numbers(sketch: "StoredSketch", name: str, rows: int) -> npt.NDArray[np.float64]:
    seen = sketch.seen(name)
    known = round(rows * seen.known / seen.total)
    values = sketch.quantiles(name, (np.arange(known) + 0.5) / max(1, known))
    return np.concatenate([values, np.full(rows - len(values), np.nan)])


def _words(sketch: "StoredSketch", name: str, rows: int) -> npt.NDArray[np.object_]:
    seen = sketch.seen(name)
    each = rows / seen.total
    words = [word for word, count in sketch.words(name).items() for _ in range(round(each * count))]
    return np.array([*words[:rows], *[None] * (rows - len(words))], dtype=object)


def _is_known(column: Column) -> bool:
    """Whether there is anything to compare: Evidently fails at a column of nothing."""
    return bool(pd.notna(column).any())
