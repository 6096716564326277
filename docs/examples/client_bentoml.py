"""Ask for a decision with BentoML's own client: `python docs/examples/client_bentoml.py`."""

import json
import os
from pathlib import Path

import bentoml

URL = os.environ.get("OCTROI_URL", "http://127.0.0.1:3000")
applicant = json.loads(Path(__file__).with_name("predict_40.json").read_text())

with bentoml.SyncHTTPClient(URL, token=os.environ.get("API_KEY")) as client:
    answer = client.predict(applicant)
    print(answer["decision"], answer["probability_default"], answer["decision_id"])
