"""Ask for many decisions at once with httpx: `python docs/examples/client_httpx_async.py`."""

import asyncio
import json
import os
from pathlib import Path

import httpx

URL = os.environ.get("OCTROI_URL", "http://127.0.0.1:3000")
applicant = json.loads(Path(__file__).with_name("predict_40.json").read_text())


async def decide(client: httpx.AsyncClient, credit: float) -> None:
    """Ask for one decision; when the service is at its limit, come back when it says."""
    changed = {**applicant, "AMT_CREDIT": credit, "PAYMENT_RATE": None}
    response = await client.post("/predict", json=changed)
    while response.status_code in {429, 503}:
        await asyncio.sleep(float(response.headers["retry-after"]))
        response = await client.post("/predict", json=changed)
    answer = response.raise_for_status().json()
    print(f"{credit:>10,.0f}  {answer['probability_default']:.4f}  {answer['decision']}")


async def main() -> None:
    """Ask what the same applicant would be told for credits of other sizes."""
    async with httpx.AsyncClient(
        base_url=URL, headers={"x-api-key": os.environ.get("API_KEY", "")}
    ) as client:
        await asyncio.gather(*(decide(client, credit) for credit in range(100_000, 1_000_000, 100_000)))


asyncio.run(main())
