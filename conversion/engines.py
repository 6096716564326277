"""The two ways to score that a certificate compares: LightGBM itself, and the converted model."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from credit.errors import InvalidModel
from runners.onnx import open_session
from runners.scorer import Rows

Engine = Callable[[Rows], Rows]
"""From float64 rows (n, features) to answers (n, outputs)."""


def native_engine(model: Path, trees: int | None = None) -> Engine:
    """`Booster.predict`, one thread: the other core has ONNX Runtime to run.

    *trees*: how many the text holds. LightGBM stops at a line it does not expect, without a word.
    """
    # It takes a second to import, which only the child process has to spend.
    import lightgbm  # noqa: PLC0415
    from lightgbm.basic import LightGBMError  # noqa: PLC0415

    try:
        booster = lightgbm.Booster(model_file=str(model))
    except (LightGBMError, ValueError, RecursionError) as error:
        raise InvalidModel(f"LightGBM cannot load {model.name}: {error}") from error
    if trees not in (None, booster.num_trees()):
        raise InvalidModel(
            f"LightGBM reads {booster.num_trees()} of the {trees} trees of {model.name}, which has a line "
            "where none belongs: save the model again with Booster.save_model"
        )
    return lambda rows: np.asarray(booster.predict(rows, num_threads=1), dtype=np.float64).reshape(
        len(rows), -1
    )


def onnx_engine(model: bytes) -> Engine:
    """ONNX Runtime as the service runs it: one thread."""
    session = open_session(model)
    name, output = session.get_inputs()[0].name, session.get_outputs()[0].name
    return lambda rows: np.asarray(session.run([output], {name: rows})[0], dtype=np.float64).reshape(
        len(rows), -1
    )


def in_batches(engine: Engine, rows: Rows, size: int) -> Rows:
    """The answers of *engine*, which sees *size* rows at a time."""
    return np.concatenate([engine(rows[start : start + size]) for start in range(0, len(rows), size)])
