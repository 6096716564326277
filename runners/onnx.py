"""The model that is served: ONNX Runtime, double precision, one thread."""

import numpy as np
import onnxruntime

from credit.errors import InvalidModel
from runners.scorer import Probabilities, Rows

onnxruntime.disable_telemetry_events()


def open_session(model: bytes) -> onnxruntime.InferenceSession:
    """A session as the service runs it and the certificate proves it; `InvalidModel` if it cannot be.

    One thread: with two, the order of additions, and so the last bits of a score, would depend on
    who shares the batch.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's own errors share no base class
        raise InvalidModel(f"ONNX Runtime cannot load the model: {error}") from error


class OnnxScorer:
    """Scores with one ONNX Runtime session."""

    def __init__(self, model: bytes) -> None:
        self._session = open_session(model)
        (self._input,) = self._session.get_inputs()
        (self._output,) = self._session.get_outputs()
        if self._input.type != "tensor(double)":
            raise InvalidModel(
                f"the model takes {self._input.type}, not tensor(double): convert it with Octroi"
            )

    @property
    def width(self) -> int:
        """Features in a row."""
        return int(self._input.shape[1])

    def score(self, rows: Rows) -> Probabilities:
        """Probability of default of each row, in order. *rows*: float64 (n, features)."""
        (scores,) = self._session.run([self._output.name], {self._input.name: np.ascontiguousarray(rows)})
        return np.asarray(scores, dtype=np.float64).reshape(len(rows))
