"""Whatever is sent, the answer is a documented one and changes nothing. `make fuzz` sends more."""

import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from serving import EXAMPLE
from uncovered import uncovered

LONG = bool(os.environ.get("OCTROI_FUZZ"))
SHARES, CASES, BODIES = (8, 60, 10_000) if LONG else (1, 4, 500)
# Fed with the answers to its first requests, Schemathesis gives up inventing batches: in the long run, apart.
PHASES = ["examples,coverage,fuzzing", "stateful"] if LONG else ["examples,coverage,fuzzing,stateful"]
FEATURES = 12
"""In one run: all of them at once would take hours to make up, and they are alike."""
SCHEMATHESIS = str(Path(sys.executable).with_name("schemathesis"))
TOKENS = [
    *(b"1e999", b"-1e999", b"NaN", b"Infinity", b"null", b"true", b'"x"', b"[]", b"{}", b"[[[[", b"9" * 400),
    *(b"\x00", b"\xff", b"\\", b'"', b":", b",", b"{", b"}", b"1.5", b"-0", b"\\ud800", "é".encode()),
]


def document_of(service, share):
    """The service's document with a few of its features, others in each share."""
    document = service.client.get("/openapi.json").json()
    applicant = document["components"]["schemas"]["Applicant"]
    always = {*applicant["required"], "sk_id_curr"}
    others = [name for name in applicant["properties"] if name not in always]
    kept = always | set(random.Random(share).sample(others, FEATURES))
    for part in ("properties", "example"):
        applicant[part] = {name: value for name, value in applicant[part].items() if name in kept}
    return document


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("phases", PHASES)
def test_schemathesis_finds_no_answer_that_the_document_does_not_have(service, tmp_path, phases, share):
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(document_of(service, share)))

    done = subprocess.run(
        [
            *(SCHEMATHESIS, "run", str(file), "--url", str(service.client.base_url), "--no-color"),
            # Which values fit together, a schema cannot say.
            *("--phases", phases, "--checks", "all", "--exclude-checks", "positive_data_acceptance"),
            *("--max-examples", str(CASES), "--seed", str(share), "--continue-on-failure"),
        ],
        cwd=tmp_path,
        env=uncovered(),
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout[-5000:]
    (tried, passed) = re.search(r"(\d+) generated, (\d+) passed", done.stdout).groups()
    assert tried == passed
    assert int(tried) > (30 if phases == "stateful" else 300)


def mutated(rng, body):
    """*body* with one to four places changed."""
    body = bytearray(body)
    for _ in range(rng.randint(1, 4)):
        start = rng.randrange(len(body))
        end = min(len(body), start + rng.choice([0, 1, 1, 5, 40]))
        piece = rng.choice([b"", rng.choice(TOKENS), bytes(body[start:end]) * 2, rng.randbytes(2)])
        body[start:end] = piece
    return bytes(body)


def test_mutated_bodies_are_answered_or_refused_and_change_nothing(service):
    body = EXAMPLE.read_bytes()
    batch = b'{"clients": [' + body + b", " + body + b"]}"
    send = {"headers": {"content-type": "application/json"}}
    before = service.client.post("/predict", content=body, **send).json()
    rng = random.Random(4)

    statuses = set()
    for _ in range(BODIES):
        path, sent = rng.choice([("/predict", body), ("/predict", body), ("/predict_batch", batch)])
        statuses.add(service.client.post(path, content=mutated(rng, sent), **send).status_code)

    after = service.client.post("/predict", content=body, **send).json()
    assert statuses <= {200, 400, 404, 422}
    assert statuses >= {200, 400, 422}
    assert after["probability_default"] == before["probability_default"]
