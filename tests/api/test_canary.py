"""What a client sends is in no log, and in no title of an error."""

import json
import random

from serving import EXAMPLE

BODY = json.loads(EXAMPLE.read_text())
CANARY = "canary-3e7f"
NUMBER = 987_654_321.123


def spoiled(rng):
    """A request that must be refused, or decided with a warning, and carries the canary somewhere."""
    name = rng.choice(list(BODY))
    wrong = rng.choice([CANARY, [CANARY], {CANARY: CANARY}, True, -NUMBER, NUMBER, {"clients": CANARY}])
    body = rng.choice([{**BODY, name: wrong}, {**BODY, CANARY: NUMBER}, {name: wrong}, [wrong], wrong])
    text = json.dumps(body)
    content = rng.choice([text, text[: len(text) // 2], text + CANARY, text.replace(":", CANARY, 1), CANARY])
    headers = {
        "content-type": rng.choice(
            ["application/json", f"text/{CANARY}", f"application/json; charset={CANARY}"]
        ),
        "x-api-key": CANARY,
        "x-unknown": CANARY,
    }
    path = rng.choice(["/predict", "/predict_batch", "/predict-batch"])
    return {"url": path, "content": content.encode(), "headers": headers}


def test_no_value_of_a_client_is_in_a_log_or_a_title(service):
    rng = random.Random(7)
    statuses = set()
    for _ in range(400):
        response = service.client.post(**spoiled(rng))
        statuses.add(response.status_code)
        if response.status_code != 200:
            assert CANARY not in response.json()["title"]
            assert CANARY not in response.json()["type"]
    service.client.post("/predict", json={**BODY, "NAME_INCOME_TYPE": CANARY, "AMT_INCOME_TOTAL": NUMBER})
    service.client.get("/readyz", headers={"x-request-id": "after-the-canaries"})

    service.wait_for_log("after-the-canaries")

    log = service.log.read_text()
    assert statuses >= {400, 415, 422}
    assert not {status for status in statuses if status >= 500}
    assert log.count('"event":"request"') > 400
    assert CANARY not in log
    assert str(NUMBER) not in log
