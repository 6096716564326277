"""Ask for several decisions in one request with requests: `python docs/examples/client_requests.py`."""

import json
import os
from pathlib import Path

import requests

URL = os.environ.get("OCTROI_URL", "http://127.0.0.1:3000")
body = json.loads(Path(__file__).with_name("predict_batch.json").read_text())

response = requests.post(
    f"{URL}/predict_batch", json=body, headers={"x-api-key": os.environ.get("API_KEY", "")}, timeout=10
)
if not response.ok:
    for error in response.json()["errors"]:
        print(error["field"], error["message"])
    raise SystemExit(response.json()["title"])
for answer in response.json()["decisions"]:
    print(answer["decision"], answer["probability_default"], answer["risk_level"])
