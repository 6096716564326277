"""What a certificate finds, on fewer rows than it takes, so that a test has time for many models."""

from pathlib import Path

from conversion.certify import Comparison, compare
from conversion.engines import native_engine, onnx_engine
from conversion.objective import Objective
from conversion.text_model import TextModel
from conversion.trial_rows import Sizes, TrialRows
from conversion.values import all_values

FEW = Sizes(least=6_000, plausible=2_000, sprinkled=1_000, all_edges=500, in_small_batches=1_000)


def compared(path: Path, onnx: bytes, seed: int = 1) -> Comparison:
    """The comparison of *onnx* with the text model *path*."""
    model = TextModel.read(path)
    trials = TrialRows.of(model, all_values(model, None), seed, FEW)
    comparison = Comparison(0.5, relative=not Objective.of(model).gives_probability)
    compare(trials, native_engine(path), onnx_engine(onnx), comparison, lambda _: None)
    return comparison
