"""A plain BentoML service around ONNX Runtime."""

import json
from pathlib import Path

import bentoml
import numpy as np
import onnxruntime


@bentoml.service(workers=1)
class Plain:
    """Scores one applicant at a time."""

    def __init__(self) -> None:
        schema = json.loads(Path("schema.json").read_text(encoding="utf-8"))
        policy = json.loads(Path("policy.json").read_text(encoding="utf-8"))
        self.threshold = policy["threshold"]
        self.names = schema["model_features"]
        self.codes = {
            feature["name"]: {category: float(code) for code, category in enumerate(feature["categories"])}
            for feature in schema["features"]
            if feature["kind"] == "category"
        }
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession("model.onnx", options, providers=["CPUExecutionProvider"])
        (self.given,) = self.session.get_inputs()

    @bentoml.api  # type: ignore[untyped-decorator]  # BentoML's own
    def predict(self, applicant: dict[str, float | str | None], /) -> dict[str, float | int]:
        """Score one applicant."""
        row = [
            self.codes[name].get(applicant.get(name)) if name in self.codes else applicant.get(name)
            for name in self.names
        ]
        scores = self.session.run(None, {self.given.name: np.array([row], dtype=np.float64)})[0]
        probability = float(scores.reshape(-1)[0])
        return {"probability_default": probability, "prediction": int(probability >= self.threshold)}
