"""The usual design: FastAPI, a DataFrame for each request, LightGBM."""

import json
from pathlib import Path

import lightgbm
import pandas as pd
from fastapi import FastAPI

app = FastAPI()
schema = json.loads(Path("schema.json").read_text(encoding="utf-8"))
threshold = json.loads(Path("policy.json").read_text(encoding="utf-8"))["threshold"]
names = schema["model_features"]
codes = {
    feature["name"]: {category: code for code, category in enumerate(feature["categories"])}
    for feature in schema["features"]
    if feature["kind"] == "category"
}
model = lightgbm.Booster(model_file="model.txt")


@app.post("/predict")
def predict(applicant: dict[str, float | str | None]) -> dict[str, float | int]:
    """Score one applicant."""
    frame = pd.DataFrame([applicant]).reindex(columns=names)
    for name in codes.keys() & set(names):
        frame[name] = frame[name].map(codes[name])
    frame = frame.astype(float)
    probability = float(model.predict(frame, num_threads=1)[0])
    return {"probability_default": probability, "prediction": int(probability >= threshold)}
