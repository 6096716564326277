"""Many clients at once who ask as fast as they are answered, and remember every answer."""

import asyncio
import json
import random
import threading
from collections import Counter

import httpx
from serving import EXAMPLE

BODY = json.loads(EXAMPLE.read_text())


class Crowd:
    """*connections* clients of the service on *port*, from the start of the `with` block to its end.

    A connection that breaks is not an answer: who was not answered was promised nothing.
    """

    def __init__(self, port: int, connections: int = 32) -> None:
        self.answers: dict[str, float] = {}
        self.statuses: Counter[int] = Counter()
        self.broken = 0
        self._url = f"http://127.0.0.1:{port}"
        self._connections = connections
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._ask()), name="crowd")

    def __enter__(self) -> "Crowd":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    async def _ask(self) -> None:
        limits = httpx.Limits(max_connections=self._connections)
        async with httpx.AsyncClient(base_url=self._url, timeout=30, limits=limits) as client:
            await asyncio.gather(*(self._one(client, seed) for seed in range(self._connections)))

    async def _one(self, client: httpx.AsyncClient, seed: int) -> None:
        draw = random.Random(seed)
        while not self._stopping.is_set():
            body = {
                **BODY,
                "sk_id_curr": draw.randrange(1, 10**6),
                "EXT_SOURCE_2": draw.random(),
            }
            try:
                self._hear(await client.post("/predict", json=body))
            except httpx.TransportError:
                self.broken += 1
                await asyncio.sleep(0.05)

    def _hear(self, response: httpx.Response) -> None:
        self.statuses[response.status_code] += 1
        if response.status_code == 200:
            answer = response.json()
            self.answers[answer["decision_id"]] = answer["probability_default"]
