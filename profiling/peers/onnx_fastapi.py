"""FastAPI and ONNX Runtime, without pandas."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
from fastapi import FastAPI

app = FastAPI()
schema = json.loads(Path("schema.json").read_text(encoding="utf-8"))
threshold = json.loads(Path("policy.json").read_text(encoding="utf-8"))["threshold"]
names = schema["model_features"]
codes = {
    feature["name"]: {category: float(code) for code, category in enumerate(feature["categories"])}
    for feature in schema["features"]
    if feature["kind"] == "category"
}
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession("model.onnx", options, providers=["CPUExecutionProvider"])
(given,) = session.get_inputs()


@app.post("/predict")
async def predict(applicant: dict[str, float | str | None]) -> dict[str, float | int]:
    """Score one applicant."""
    values = [applicant.get(name) for name in names]
    row = [
        codes[name].get(value) if name in codes else value for name, value in zip(names, values, strict=True)
    ]
    scores = session.run(None, {given.name: np.array([row], dtype=np.float64)})[0]
    probability = float(scores.reshape(-1)[0])
    return {"probability_default": probability, "prediction": int(probability >= threshold)}
