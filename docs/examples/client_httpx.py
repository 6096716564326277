"""Ask for a decision with httpx: `python docs/examples/client_httpx.py`."""

import json
import os
from pathlib import Path

import httpx

URL = os.environ.get("OCTROI_URL", "http://127.0.0.1:3000")
applicant = json.loads(Path(__file__).with_name("predict_40.json").read_text())

with httpx.Client(base_url=URL, headers={"x-api-key": os.environ.get("API_KEY", "")}) as client:
    response = client.post("/predict", json=applicant)
    if response.is_error:
        raise SystemExit(response.json()["detail"])
    answer = response.json()
    print(answer["decision"], answer["probability_default"], answer["decision_id"])
