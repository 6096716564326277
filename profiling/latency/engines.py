"""Every engine that can answer for a LightGBM model, each opened from a file of its own."""

import ctypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import lightgbm
import numpy as np
import onnxruntime
import pandas as pd
from lightgbm.libpath import _LIB as library  # noqa: N811  # the C API, loaded
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType

from conversion.capture import capture
from conversion.convert import onnx_model
from conversion.engines import Engine
from conversion.forest import corrected
from conversion.graph import INPUT
from conversion.objective import Link, Objective
from conversion.older import build_v3
from conversion.plain_text import plain_text
from conversion.text_model import TextModel
from credit.errors import UnconvertibleModel
from runners.scorer import Rows

SCIKIT_LEARN = "LightGBM, scikit-learn"
"""`predict_proba` of a DataFrame, which most services of this field call for each request."""
NATIVE = "LightGBM"
SINGLE_ROW = "LightGBM, single row"
"""The C API that is made for one row at a time."""
FLOAT32 = "ONNX float32"
"""As onnxmltools emits it."""
V3, V5 = "ONNX v3 double", "ONNX v5 double"
LLEAVES = "lleaves"
TEXT = "model.txt"
_ONNX = {FLOAT32: "float32.onnx", V3: "v3.onnx", V5: "v5.onnx"}


@dataclass(frozen=True, slots=True)
class Kind:
    """An engine, the file that it reads, and the batches that it takes."""

    name: str
    file: str
    open: Callable[[Path, int], Engine]
    """Given the file, and how many threads it may use."""
    most_rows: int = 1 << 30

    def takes(self, batch: int) -> bool:
        return batch <= self.most_rows


def prepare(model: Path, folder: Path) -> dict[str, str]:
    """Write the file of every engine into *folder*; why there is none for an engine, by its name."""
    text = TextModel.read(model)
    objective = Objective.of(text)
    if objective.link is not Link.SIGMOID or objective.slope != 1.0:
        raise UnconvertibleModel(f"{model.name} answers no plain probability: engines are compared on those")
    (folder / TEXT).write_bytes(model.read_bytes())
    (folder / _ONNX[V5]).write_bytes(onnx_model(model).SerializeToString())
    forest = corrected(capture(plain_text(text)), text)
    missing = {}
    if forest.is_category.any():
        missing[V3] = "it is built for models without categorical splits only"
    else:
        (folder / _ONNX[V3]).write_bytes(build_v3(forest, text.width).SerializeToString())
    (folder / _ONNX[FLOAT32]).write_bytes(_float32(model, text.width))
    if why := _lleaves_missing():
        missing[LLEAVES] = why
    return missing


def kinds(missing: Mapping[str, str]) -> list[Kind]:
    """Every engine but the *missing* ones."""
    every = (
        Kind(SCIKIT_LEARN, TEXT, _scikit_learn, most_rows=256),
        Kind(NATIVE, TEXT, _native),
        Kind(SINGLE_ROW, TEXT, _single_row, most_rows=1),
        Kind(FLOAT32, _ONNX[FLOAT32], _onnx_float32),
        Kind(V3, _ONNX[V3], _onnx_v3),
        Kind(V5, _ONNX[V5], _onnx_v5),
        Kind(LLEAVES, TEXT, _lleaves),
    )
    return [kind for kind in every if kind.name not in missing]


def _float32(model: Path, width: int) -> bytes:
    booster = lightgbm.Booster(model_file=str(model))
    rows = [(INPUT, FloatTensorType([None, width]))]
    made: bytes = convert_lightgbm(booster, initial_types=rows, zipmap=False).SerializeToString()
    return made


def _native(file: Path, threads: int) -> Engine:
    booster = lightgbm.Booster(model_file=str(file))
    return lambda rows: np.asarray(booster.predict(rows, num_threads=threads))


def _scikit_learn(file: Path, threads: int) -> Engine:
    """The model as a fitted classifier: its trees, and one more with a single leaf of zero."""
    width = TextModel.read(file).width
    names = [f"f{feature}" for feature in range(width)]
    rows = pd.DataFrame(np.zeros((20, width)), columns=names)
    classifier = lightgbm.LGBMClassifier(n_estimators=1, n_jobs=threads, verbosity=-1)
    classifier.fit(rows, np.arange(20) % 2, init_model=str(file))
    return lambda rows: np.asarray(classifier.predict_proba(pd.DataFrame(rows, columns=names)))[:, 1]


def _single_row(file: Path, threads: int) -> Engine:
    """LightGBM's `PredictForMatSingleRowFast`, as a caller in C would use it."""
    booster = lightgbm.Booster(model_file=str(file))
    handle = booster._handle  # noqa: SLF001  # the C API asks for it
    fast, found, length = ctypes.c_void_p(), ctypes.c_double(), ctypes.c_int64()
    # Plain prediction, of all trees, on float64.
    asked = (0, 0, -1, 1, booster.num_feature(), f"num_threads={threads}".encode())
    library.LGBM_BoosterPredictForMatSingleRowFastInit(handle, *asked, ctypes.byref(fast))

    def answer(rows: Rows) -> Rows:
        found_of = []
        for row in np.ascontiguousarray(rows):
            library.LGBM_BoosterPredictForMatSingleRowFast(
                fast, ctypes.c_void_p(row.ctypes.data), ctypes.byref(length), ctypes.byref(found)
            )
            found_of.append(found.value)
        return np.array(found_of)

    # The handle is the booster's: it must live as long.
    answer.booster = booster  # type: ignore[attr-defined]
    return answer


def _onnx_v5(file: Path, threads: int) -> Engine:
    session = _session(file, threads)
    return lambda rows: np.asarray(session.run(None, {INPUT: rows})[0]).reshape(-1)


def _onnx_v3(file: Path, threads: int) -> Engine:
    """v3 answers a raw score only."""
    raw = _onnx_v5(file, threads)
    return lambda rows: 1 / (1 + np.exp(-raw(rows).astype(np.float64)))


def _onnx_float32(file: Path, threads: int) -> Engine:
    session = _session(file, threads)

    def answer(rows: Rows) -> Rows:
        # What float32 cannot hold becomes an infinity, as it would for whoever used this model.
        with np.errstate(over="ignore"):
            narrow = rows.astype(np.float32)
        return np.asarray(session.run(["probabilities"], {INPUT: narrow})[0])[:, 1]

    return answer


def _session(file: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def _lleaves_missing() -> str | None:
    if find_spec(LLEAVES) is None:
        return "it is not installed"
    if not hasattr(import_module("llvmlite.binding"), "PassManagerBuilder"):
        return f"it needs an older llvmlite than {version('llvmlite')}"
    return None


def _lleaves(file: Path, threads: int) -> Engine:
    import lleaves  # noqa: PLC0415  # rarely installed

    model = lleaves.Model(model_file=str(file))
    # Half a minute of compiling, once: whoever opens it first pays.
    model.compile(cache=file.with_suffix(".lleaves"))
    return lambda rows: np.asarray(model.predict(rows, n_jobs=threads))
